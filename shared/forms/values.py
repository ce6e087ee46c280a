"""All values submitted under one name → the field's typed answer: what several of them mean is for its type to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.conditions import Answer
from shared.forms.fields import (
    BooleanField,
    ChoiceField,
    ChoicesField,
    ConsentField,
    FormField,
    TextField,
)
from shared.forms.person_names import is_a_name, is_name_attribute
from shared.forms.single_values import Invalid, parse_one


def parse(field: FormField, values: list[Any], attribute: str | None = None) -> Answer | None:
    """Return the typed answer, or None when nothing was submitted.

    Args:
        field: what the form says of the field.
        values: every value sent under its name, in order; a JSON list is one value.
        attribute: the contact attribute that the field fills: a name must not hold a link.

    Raises:
        Invalid: with the error's code.
    """
    match field:
        case ChoicesField():
            return _several_choices(field, values)
        case BooleanField() | ConsentField():
            # Frameworks send a hidden "no" before or after the box's own "yes".
            ticks = _each(field, _flat(values))
            return True in ticks if ticks else None
        case ChoiceField():
            return _one_choice(field, values)
    value: Answer | None = parse_one(field, values[-1] if values else None)
    if (
        isinstance(field, TextField)
        and is_name_attribute(attribute)
        and isinstance(value, str)
        and not is_a_name(value)
    ):
        raise Invalid("not-a-name")
    return value


def _flat(values: Iterable[Any]) -> list[Any]:
    return [inner for value in values for inner in (value if isinstance(value, list) else [value])]


def _each(field: FormField, values: Iterable[Any]) -> list[Any]:
    answers = (parse_one(field, value) for value in values)
    return [answer for answer in answers if answer is not None]


def _one_choice(field: ChoiceField, values: list[Any]) -> str | None:
    chosen: set[str] = set(_each(field, _flat(values)))
    if len(chosen) > 1:
        raise Invalid("several-values")
    return next(iter(chosen), None)


def _several_choices(field: ChoicesField, values: list[Any]) -> tuple[str, ...] | None:
    """Return the chosen options in the form's order, each once."""
    chosen = set(_each(field, _flat(values)))
    return tuple(option for option in field.options if option in chosen) or None
