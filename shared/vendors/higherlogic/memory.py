"""What is remembered of a contact at Higher Logic beside its id."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from shared.person_record import VendorMemory


class HigherLogicMemory(VendorMemory):
    """The whole record as it was last confirmed: a push replaces it, and nothing can be read back."""

    is_only_copy: ClassVar[bool] = True

    record: dict[str, Any] = Field(default_factory=dict)
