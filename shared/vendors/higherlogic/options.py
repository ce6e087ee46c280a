"""What a form file says of a Higher Logic delivery: the groups and the lists that a sign-up joins.

Source: [seed] "Push API Integration for Community Essentials".
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, field_validator, model_validator

from shared.conditions import Conditional
from shared.contact import Channel, Contact
from shared.vendors.protocol import Identity, Options, Requirement

PERSON = {
    "email": "PrimaryEmailAddress",
    "salutation": "Prefix",
    "first_name": "FirstName",
    "middle_name": "MiddleName",
    "last_name": "LastName",
    "credentials": "Designation",
    "gender": "Gender",
    "contact_type": "ContactType",
    "company": "OrganizationName",
    "job_title": "Title",
}
"""Contact attribute → member of ContactDetails [seed]."""
PLACE = {
    "address_line1": "AddressLine1",
    "address_line2": "AddressLine2",
    "city": "City",
    "state": "StateProvince",
    "postal_code": "PostalCode",
    "country": "CountryCode",
}
"""Contact attribute → member of an element of Addresses [seed]."""

Name = Annotated[str, StringConstraints(min_length=1)]


class _Named(Conditional):
    """Something to join, by the vendor's own id and name: a push carries both [seed]."""

    id: Name
    name: Name
    type: Name | None = None


class Group(_Named):
    """A group that sign-ups join. In Community Essentials it is a security group: it may GRANT ACCESS [seed]."""


class MarketingList(_Named):
    """A marketing list that sign-ups are added to."""


_NEVER_CONSTANT = frozenset(
    {"ContactId", "ParentContactId", "PrimaryContactContactId", "AlternativeContactId", "PrimaryEmailAddress"}
    | {"DoNotEmail", "IsOrganization", "IsDeleted"}
)


class UpsertOptions(Options):
    """`action = "upsert"`. Groups and lists come from configuration only, never from a visitor."""

    lists: tuple[MarketingList, ...] = ()
    groups: tuple[Group, ...] = ()
    community_essentials: StrictBool = False
    """The tenant has the subset: no `/list` [seed]."""
    constants: dict[str, str | bool] = Field(default_factory=dict)
    """Members of ContactDetails that every push carries, e.g. `ExcludeFromDirectory`."""
    address_type: Name | None = None
    """`AddressType` of the address; its values are not documented."""
    phone_type: Name | None = None
    """`PhoneType` of a new number; its values are not documented."""
    phone_format: Literal["e164", "digits"] = "e164"
    """How a number is written: with its +, or as digits with country code; no page says (assumed)."""
    country_codes: Literal["alpha-2", "any"] = "alpha-2"
    """Which countries are sent: ISO 3166-1 codes of two letters only, or whatever was given; no page says (assumed)."""
    name_placeholder: Name | None = None
    """Last name of a person who gives none; without it such a sign-up is parked."""
    list_add_mode: Literal["Append", "Add"] = "Append"
    """The article's sample says `Append`, its prose "Add" [seed]. `Replace` would set the whole membership."""

    @field_validator("constants")
    @classmethod
    def _neither_consent_nor_identity(cls, constants: dict[str, str | bool]) -> dict[str, str | bool]:
        if bad := sorted(_NEVER_CONSTANT & constants.keys()):
            raise ValueError(f"cannot be constant: {', '.join(bad)}")
        return constants

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.community_essentials and self.lists:
            raise ValueError("Community Essentials has no lists: leave `lists` out")
        return self

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address, from which the id is minted, and a name, without which a person is invalid [seed]."""
        names = () if self.name_placeholder else (frozenset({"first_name", "last_name"}),)
        return (frozenset({"email"}), *names)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}

    def sends(self) -> frozenset[str]:
        """All that a record has a member for."""
        return frozenset({*PERSON, *PLACE, "phone", "birthday"})

    def carried_consents(self) -> frozenset[Channel]:
        """A record has a flag for e-mail, a phone number one for texts."""
        return frozenset({"email", "sms"})

    def target_field(self, name: str) -> str:
        """The member of ContactDetails, which a custom field may fill as well as an attribute."""
        return PERSON.get(name, name.removeprefix("custom."))
