"""What is remembered of a contact at Pulse beside its id: digests only, no value of a person."""

from __future__ import annotations

from shared.person_record import VendorMemory


class PulseMemory(VendorMemory):
    """How to recognise a contact that we created and that the search still hides, and what we wrote last.

    Attributes:
        hidden_since: when we created the contact, until the search has shown it; seconds since the epoch.
        npi: digest of the NPI that it was created with.
        name: digest of its whole name.
        written_at: when we last wrote it, seconds since the epoch.
        parts: of that write, each part's member, its own members, and a digest of what was sent.
    """

    hidden_since: float | None = None
    npi: str | None = None
    name: str | None = None
    written_at: float | None = None
    parts: tuple[tuple[str, tuple[str, ...], str], ...] = ()
