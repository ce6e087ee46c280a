"""What is remembered of a contact at Higher Logic beside its id."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from shared.person_record import VendorMemory


class HigherLogicMemory(VendorMemory):
    """What cannot be read back.

    Attributes:
        record: the whole record as it was last confirmed: a push replaces it.
        erasures: how often the contact was deleted at the vendor: its next id must be another.
    """

    is_only_copy: ClassVar[bool] = True

    record: dict[str, Any] = Field(default_factory=dict)
    erasures: int = 0

    def after_erasure(self) -> HigherLogicMemory:
        """Return what stays when the contact is deleted at the vendor; nothing of the person."""
        return HigherLogicMemory(erasures=self.erasures + 1)
