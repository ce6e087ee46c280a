"""What a form file says of a Which50 delivery: the list, what fills its fields, what finds the contact.

Source: [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StrictBool, StringConstraints, ValidationInfo, field_validator

from shared.conditions import ConditionalName
from shared.contact import ATTRIBUTES, Channel, Contact
from shared.vendors.answer_path import AnswerPaths, Path
from shared.vendors.protocol import Identity, Options, Requirement


def _listed(names: Any) -> Any:
    """Accept the vendor's own comma list, too [DOC]."""
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else names


def _flat(fields: Any) -> Any:
    """Accept the TOML key `consent.email` however it is written: quoted, dotted, or as a table `consent`."""
    if isinstance(fields, dict) and isinstance(fields.get("consent"), dict):
        consents = {f"consent.{channel}": field for channel, field in fields["consent"].items()}
        return {**{name: field for name, field in fields.items() if name != "consent"}, **consents}
    return fields


# `match` and `customevents` are comma lists, and no page says how a comma would be escaped [DOC].
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^,\r\n]+$")]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
# `fields` as TOML may have it, for the editors' schema: a dotted `consent.email` is a table.
_Written = dict[str, Name | dict[Channel, Name]]


ConsentValue = StrictBool | int | str


class Event(ConditionalName):
    """An event, for every sign-up or for those that match `when`."""

    name: Name = ""


Events = Annotated[tuple[Event, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[Event, ...])]

MATCHABLE = frozenset({"email", "phone", "npi"})
"""Attributes that name one person; a match on a name or a city would overwrite everybody who shares it."""
MAPPABLE = ATTRIBUTES | {f"consent.{channel}" for channel in get_args(Channel)}


class Which50Answers(AnswerPaths):
    """`[destinations.options.answers]`: where a write's answer holds what is read of it, which no page shows (assumed).

    The defaults are the members of a contact as it is read [DOC GET-contacts-contactId].
    """

    contact_id: Path = "EncContactId"
    """The contact's id."""
    warnings: Path = "ValidationWarnings"
    """The list of the vendor's warnings; they are counted."""


class UpsertOptions(Options):
    """`action = "upsert"`."""

    contact_list_id: Annotated[int, Field(strict=True, gt=0)]
    fields: Annotated[dict[str, Name], BeforeValidator(_flat, json_schema_input_type=_Written), Field(min_length=1)]
    """Contact attribute → list field. `consent.email`, `consent.sms`, … → a list field that is set on that consent."""
    match: Annotated[Names, Field(validate_default=True)] = ()
    """List fields whose values find the contact, all of them: a new value in one makes a second contact. Default: the
    field of `email`."""
    custom_events: Events = ()
    """Events that run after a successful write, e-mails among them [DOC]; at most once per sign-up."""
    phone_format: Literal["digits", "e164"] = "digits"
    """Digits with country code, as in the vendor's example [DOC]; the required format is not documented."""
    consent_value: ConsentValue | dict[Channel, ConsentValue] = True
    """What a consent field is set to, for all channels or by channel (assumed: true); there is no value for "no", since
    an empty box is no statement."""
    no_values: tuple[str, ...] = ()
    """What the default of a consent field may say for "no", beside the words that say it everywhere."""
    verify_fields: StrictBool = True
    """Read the list's fields before writing: their names, values and defaults. Without it nothing is checked."""
    unlisted_values: Literal["drop", "send"] = "drop"
    """What becomes of a value that the field's value list lacks, or has out of use."""
    accept_default_consent: StrictBool = False
    """Create people without consent even where the list's own default says yes for them."""
    answers: Which50Answers = Which50Answers()
    """Where the answer to a write holds what is read of it."""

    @field_validator("fields")
    @classmethod
    def _known_attributes(cls, fields: dict[str, str]) -> dict[str, str]:
        unknown = sorted(fields.keys() - MAPPABLE)
        if unknown:
            raise ValueError(f"not a contact attribute: {', '.join(unknown)}")
        if len(set(fields.values())) < len(fields):
            raise ValueError("two attributes fill the same list field")
        return fields

    @field_validator("match")
    @classmethod
    def _names_one_person(cls, match: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        fields: dict[str, str] = info.data.get("fields", {})
        if not match:
            if "email" not in fields:
                raise ValueError("is required where `fields` has none for email")
            return (fields["email"],)
        personal = {field for attribute, field in fields.items() if attribute in MATCHABLE}
        if not personal.issuperset(match):
            raise ValueError(f"must name list fields that `fields` gives to one of {', '.join(sorted(MATCHABLE))}")
        return match

    def consent_value_of(self, channel: Channel) -> ConsentValue:
        """What the consent field of a channel is set to."""
        return self.consent_value.get(channel, True) if isinstance(self.consent_value, dict) else self.consent_value

    @property
    def matched(self) -> list[str]:
        """The contact attributes behind `match`."""
        return [attribute for attribute, field in self.fields.items() if field in self.match]

    def requires(self) -> tuple[Requirement, ...]:
        """Every matched attribute: a blank one would match everybody who lacks it."""
        return tuple(frozenset({attribute}) for attribute in self.matched)

    def identity(self, contact: Contact) -> Identity:
        """The matched values."""
        values = {attribute: value for attribute, value in contact.present.items() if attribute in self.matched}
        return values if len(values) == len(self.matched) else {}

    def account_parts(self) -> tuple[str, ...]:
        """The list: each has contacts of its own."""
        return (str(self.contact_list_id),)

    def sends(self) -> frozenset[str]:
        """The attributes to which `fields` gives a field of the list."""
        return ATTRIBUTES & self.fields.keys()

    def withheld(self, required: frozenset[str], region: str | None) -> Mapping[str, str]:
        """The attributes to which `fields` gives no field of the list."""
        return {name: f"options.fields.{name}" for name in ATTRIBUTES - self.fields.keys()}

    def carried_consents(self) -> frozenset[Channel]:
        """The channels to which `fields` gives a field of the list."""
        return frozenset(channel for channel in get_args(Channel) if f"consent.{channel}" in self.fields)

    def consent_key(self, channel: Channel) -> str:
        """A field of the list."""
        return f"fields.consent.{channel}"

    def target_field(self, name: str) -> str:
        """The list and its field: custom fields are list fields, too, and each list has its own contacts."""
        return f"{self.contact_list_id}.{self.fields.get(name, name.removeprefix('custom.'))}"
