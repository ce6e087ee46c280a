"""What is remembered of a contact at Pulse beside its id."""

from __future__ import annotations

from shared.person_record import VendorMemory


class PulseMemory(VendorMemory):
    """Our own last write, so that a search that lags behind it is recognised. No value of a person, only a digest.

    Attributes:
        email_id: id of the contact's e-mail entry.
        written_at: when we last wrote the contact, seconds since the epoch.
        written: members that we wrote then.
        digest: of what we wrote.
    """

    email_id: int | str | None = None
    written_at: float = 0.0
    written: tuple[str, ...] = ()
    digest: str = ""
