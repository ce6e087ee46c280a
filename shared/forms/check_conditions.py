"""Checking conditions when a form loads: the field exists, and can have the value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.conditions import Condition
from shared.contact import Value
from shared.forms.clean_text import BrokenText, clean
from shared.forms.fields import (
    BooleanField,
    ChoiceField,
    ChoicesField,
    ConsentField,
    DateField,
    EmailField,
    FormField,
    IntegerField,
    NumberField,
    PhoneField,
    TextField,
)
from shared.forms.text_pattern import pattern_matches
from shared.problems import Problem, near

_E164 = re.compile(r"\+[1-9][0-9]{3,14}")
_EMAIL = re.compile(r"[^\s@]+@[^\sA-Z@]+")


def check_condition(
    condition: Condition, fields: Mapping[str, FormField], field_tables: Mapping[str, Any]
) -> Iterator[Problem]:
    """Return what is wrong with a condition, by its key.

    Args:
        condition: form field → the value it must have, or several of which one suffices.
        fields: the form's fields without mistakes.
        field_tables: all that the file has: of a field with a mistake nothing more can be said.
    """
    for name, wanted in condition.items():
        if name not in field_tables:
            yield Problem(f"when.{name}", f"the form has no field of this name{near(name, field_tables)}")
        elif name in fields:
            values = wanted if isinstance(wanted, tuple) else (wanted,)
            reasons = (_impossible(fields[name], value) for value in values)
            yield from (Problem(f"when.{name}", reason) for reason in dict.fromkeys(reasons) if reason is not None)


def _impossible(field: FormField, value: Value) -> str | None:
    """Return why the field can never have this value, or None where it can."""
    return _CHECKS[type(field)](field, value)


def _tick_box(field: BooleanField | ConsentField, value: Value) -> str | None:
    if not isinstance(value, bool):
        return "must be true or false, as for every tick box"
    return "can never be false, since the field is required" if field.required and not value else None


def _option(field: ChoiceField | ChoicesField, value: Value) -> str | None:
    if isinstance(value, str) and value in field.options:
        return None
    return f"must be one of the field's options{near(value, field.options)}"


def _whole_number(field: IntegerField, value: Value) -> str | None:
    return None if type(value) is int else "must be a whole number, as the field is"


def _number(field: NumberField, value: Value) -> str | None:
    return None if type(value) in {int, float} else "must be a number, as the field is"


def _date(field: DateField, value: Value) -> str | None:
    try:
        possible = isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        possible = False
    return None if possible else "must be a date like 2026-12-31, whatever the field's format is"


def _text(field: TextField, value: Value) -> str | None:
    try:
        possible = isinstance(value, str) and clean(value) == value and len(value) <= field.max_length
    except BrokenText:
        possible = False
    if possible and field.pattern is not None:
        possible = pattern_matches(field.pattern, str(value))
    return None if possible else "must be a text that the field accepts, on one line"


def _email(field: EmailField, value: Value) -> str | None:
    possible = isinstance(value, str) and _EMAIL.fullmatch(value)
    return None if possible else "must be an e-mail address with its domain in small letters"


def _phone(field: PhoneField, value: Value) -> str | None:
    return None if isinstance(value, str) and _E164.fullmatch(value) else "must be a phone number like +12125550123"


# What a field can have after parsing. The parser itself would do, but the retry function does not load it.
_CHECKS: dict[type, Callable[[Any, Value], str | None]] = {
    TextField: _text,
    EmailField: _email,
    PhoneField: _phone,
    ChoiceField: _option,
    ChoicesField: _option,
    BooleanField: _tick_box,
    ConsentField: _tick_box,
    IntegerField: _whole_number,
    NumberField: _number,
    DateField: _date,
}
