"""What is remembered of a contact at eSputnik beside its id."""

from __future__ import annotations

from shared.person_record import VendorMemory


class ESputnikMemory(VendorMemory):
    """The last subscribe request that was taken.

    Attributes:
        said: digest of the request.
        said_at: when it was taken, seconds since the epoch.
    """

    said: str = ""
    said_at: float | None = None
