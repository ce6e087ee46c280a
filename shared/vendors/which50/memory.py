"""What is remembered of a contact in a Which50 list beside its id."""

from __future__ import annotations

from shared.person_record import VendorMemory


class Which50Memory(VendorMemory):
    """Whether we have written the contact into this list before, so that defaults of the list fill nothing any more."""

    written: bool = False
