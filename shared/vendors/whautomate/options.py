"""What a form file says of a Whautomate delivery: where the contact belongs, its stage and its tags.

Sources as in `client.py`: [seed] the vendor's reference; [PD], [MC] connectors. Else "assumed".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from shared.conditions import Condition, ConditionalName
from shared.contact import Channel, Contact
from shared.vendors.protocol import Identity, Options, Requirement
from shared.vendors.whautomate.client import EXISTS_WORDS, PAGE_ROWS

Stage = Literal[
    "Subscriber",
    "Lead",
    "Marketing qualified lead (MQL)",
    "Sales qualified lead (SQL)",
    "Opportunity",
    "Customer",
    "Evangelist",
    "Other",
]
"""Spelled exactly so [PD]; only the first is in the vendor's own reference."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Tag(ConditionalName):
    """A tag, for every sign-up or for those that match `when`."""

    name: Text = ""


class UpsertOptions(Options):
    """`action = "upsert"`."""

    location_id: Text
    """Required in practice, though missing from the vendor's list of required members [PD][MC]."""
    stage: Stage = "Subscriber"
    """For new contacts only: the stage of a known one is never lowered."""
    tag_max_length: Annotated[int, Field(strict=True, gt=0)] = 50
    """Limits are not documented (assumed)."""
    tags: tuple[Tag, ...] = ()
    """From configuration only: whether a new name makes a new tag is not documented."""
    email_custom_field: Text | None = None
    """Where the e-mail address goes: a contact has no member for it [seed]."""
    name_max_length: Annotated[int, Field(strict=True, gt=0)] = 100
    """Limits are not documented (assumed)."""
    search_pages: Annotated[int, Field(strict=True, gt=0)] = 4
    """Pages of near misses after which the search is given up."""
    search_page_size: Annotated[int, Field(strict=True, gt=0)] = PAGE_ROWS
    """Contacts of a page of the search, its `limit`: default and maximum are not documented (assumed)."""
    phone_format: Literal["e164", "digits"] = "e164"
    """How a number is written: with its + as a connector has it [PD], or as digits with country code."""
    custom_field_values: Literal["text", "typed"] = "text"
    """Whether custom fields get texts, or numbers and true or false as such: no page names their types (assumed)."""
    tags_member: Text = "tags"
    """Member of the body of `tags/add` that holds the tags: the reference shows no body, connectors send this [PD]."""
    exists_words: Annotated[tuple[Text, ...], Field(min_length=1)] = EXISTS_WORDS
    """Words by which a refusal (400, 422) says that the contact exists already (assumed)."""

    @field_validator("tags")
    @classmethod
    def _short_enough(cls, tags: tuple[Tag, ...], info: ValidationInfo) -> tuple[Tag, ...]:
        longest = info.data.get("tag_max_length", 50)
        if any(len(tag.name) > longest for tag in tags):
            raise ValueError(f"a tag has at most {longest} characters")
        return tags

    def requires(self) -> tuple[Requirement, ...]:
        """A phone number: without one there is no contact, and none is ever invented."""
        return (frozenset({"phone"}),)

    def identity(self, contact: Contact) -> Identity:
        """The phone number."""
        return {"phone": contact.phone} if contact.phone else {}

    def sends(self) -> frozenset[str]:
        """Phone, names and company; the e-mail address only where a custom field is named for it."""
        return frozenset(
            {"phone", "first_name", "last_name", "company"} | ({"email"} if self.email_custom_field else set())
        )

    def withheld(self, required: frozenset[str], region: str | None) -> Mapping[str, str]:
        """The e-mail address, until a custom field is named for it."""
        return {} if self.email_custom_field else {"email": "options.email_custom_field"}

    def needs_consent(self, asked: frozenset[Channel]) -> tuple[Condition, ...]:
        """Every contact is a subscriber, whom campaigns reach."""
        return ({},)

    def carried_consents(self) -> frozenset[Channel]:
        """Every contact counts as one who may be written to."""
        return frozenset({"whatsapp"})

    @property
    def has_late_part(self) -> bool:
        """A tag with a condition, which a newer sign-up need not have had."""
        return any(tag.when is not None for tag in self.tags)

    def target_field(self, name: str) -> str:
        """As it is named, but for the two names, which are one member, and the e-mail, which a custom field holds."""
        if name in {"first_name", "last_name"}:
            return "name"
        return f"custom.{self.email_custom_field}" if name == "email" and self.email_custom_field else name
