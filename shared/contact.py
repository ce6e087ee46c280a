"""The person who signs up, in our own words; each vendor file translates them into its vendor's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

Channel = Literal["email", "sms", "call", "whatsapp"]

ADDRESS_OF: Mapping[Channel, str] = {"email": "email", "sms": "phone", "call": "phone", "whatsapp": "phone"}
"""The attribute by which a channel reaches a person; consent to the channel is consent to this address or number."""

Value = str | bool | int | float


class Contact(BaseModel):
    """Attributes a form can map its fields to; an attribute that was not given is None.

    `email` is normalised (Unicode NFC, lower-case domain), `phone` is E.164 with `+`, `birthday` is ISO 8601.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, extra="forbid")

    email: str | None = None
    phone: str | None = None
    salutation: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    credentials: str | None = None
    gender: str | None = None
    npi: str | None = None
    specialty: str | None = None
    contact_type: str | None = None
    company: str | None = None
    job_title: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    birthday: str | None = None
    language: str | None = None
    time_zone: str | None = None

    def __repr__(self) -> str:
        """Name the attributes that are present, never their values."""
        return f"Contact({', '.join(sorted(self.present))})"

    __str__ = __repr__

    @property
    def present(self) -> dict[str, str]:
        """The attributes that have a value."""
        return self.model_dump(exclude_none=True)

    def without(self, attributes: frozenset[str]) -> Contact:
        """Return a copy that lacks `attributes`."""
        return Contact(**{name: value for name, value in self.present.items() if name not in attributes})


ATTRIBUTES: frozenset[str] = frozenset(Contact.model_fields)
