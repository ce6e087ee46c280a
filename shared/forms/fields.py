"""`[fields.<name>]` of a form file: one model per type of field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationInfo, field_validator

from shared.contact import ATTRIBUTES, Channel
from shared.forms.clean_text import clean
from shared.forms.key_types import Expression, Region, ShortText, Text
from shared.forms.text_pattern import check_pattern


def _distinct(options: tuple[str, ...]) -> tuple[str, ...]:
    spelled = [clean(option) for option in options]
    if "" in spelled:
        raise ValueError("must not hold an empty option")
    if len(set(spelled)) < len(spelled):
        raise ValueError("must not hold an option twice")
    return options


Options = Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(_distinct)]


class FormModel(BaseModel):
    """Base of everything in a form file: unknown keys are mistakes, and no error shows a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class BaseField(FormModel):
    """The keys that every field may have."""

    required: StrictBool = False
    """A required field must be present; a required consent or boolean must be ticked."""
    maps_to: Text | None = None
    """Contact attribute; default: the field's own name if it is one, else a custom field."""
    source: Expression | None = None
    """JMESPath into a JSON body, for third-party webhooks."""
    on_invalid: Literal["reject", "drop"] = "reject"
    """`drop`: a bad optional value is left out instead of refusing the sign-up."""
    label: Text | None = None
    """What people call the field, for pages; default: its name in words, of a consent its statement."""


class TextField(BaseField):
    """One line or paragraph of text."""

    type: Literal["text"]
    max_length: Annotated[int, Field(strict=True, gt=0, le=10_000)] = 200
    """Characters that are accepted at most."""
    pattern: Annotated[Text, Field(max_length=500)] | None = None
    """Regular expression that the whole text must match, in the subset of `text_pattern.py`."""

    @field_validator("pattern")
    @classmethod
    def _is_quick(cls, pattern: str | None, info: ValidationInfo) -> str | None:
        if pattern is not None:
            check_pattern(pattern, info.data.get("max_length", 200))
        return pattern


class EmailField(BaseField):
    """An e-mail address, normalised."""

    type: Literal["email"]


class PhoneField(BaseField):
    """A phone number, normalised to E.164."""

    type: Literal["phone"]
    region: Region | None = None
    """ISO 3166 country of numbers written without `+`; without it such numbers are invalid."""


class ChoiceField(BaseField):
    """One of the listed options, spelled exactly."""

    type: Literal["choice"]
    options: Options
    """What may be chosen."""


class ChoicesField(BaseField):
    """Any number of the listed options: a group of tick boxes, a multiple select, a JSON list."""

    type: Literal["choices"]
    options: Options
    """What may be chosen; the chosen ones are kept in this order."""


class BooleanField(BaseField):
    """A tick box that is not consent."""

    type: Literal["boolean"]


class IntegerField(BaseField):
    """A whole number."""

    type: Literal["integer"]


class NumberField(BaseField):
    """A number, with a decimal point."""

    type: Literal["number"]


class DateField(BaseField):
    """A calendar date."""

    type: Literal["date"]
    format: Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY"] = "YYYY-MM-DD"
    """How visitors write it. Browsers' date inputs always send `YYYY-MM-DD`, so that is read too."""


class ConsentField(BaseField):
    """A tick box that grants channels. Unticked is no statement at all, never "off"."""

    type: Literal["consent"]
    grants: Annotated[tuple[Channel, ...], Field(min_length=1)]
    """Channels on which the visitor may be contacted from then on."""
    statement: ShortText
    """The words the visitor agrees to; kept in the consent receipt."""
    version: Text
    """Which wording of the statement this is; kept in the consent receipt."""


FormField = Annotated[
    TextField
    | EmailField
    | PhoneField
    | ChoiceField
    | ChoicesField
    | BooleanField
    | IntegerField
    | NumberField
    | DateField
    | ConsentField,
    Field(discriminator="type"),
]


def attribute_of(name: str, field: BaseField) -> str | None:
    """Return the contact attribute that `field` fills, or None for a custom field or a consent."""
    if isinstance(field, ConsentField):
        return None
    wanted = field.maps_to or name
    return wanted if wanted in ATTRIBUTES else None


def asked_channels(fields: Iterable[FormField]) -> frozenset[Channel]:
    """Return the channels that a form asks consent for."""
    return frozenset(channel for field in fields if isinstance(field, ConsentField) for channel in field.grants)
