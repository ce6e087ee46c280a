"""One submitted value → its typed answer, or a stable error code. Nothing is altered without a rule."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from email_validator import EmailNotValidError, validate_email

from shared.forms.clean_text import BrokenText, clean, has_invisible_marks_inside
from shared.forms.fields import (
    BaseField,
    BooleanField,
    ChoiceField,
    ChoicesField,
    ConsentField,
    DateField,
    EmailField,
    IntegerField,
    NumberField,
    PhoneField,
    TextField,
)
from shared.forms.text_pattern import pattern_matches

_YES = frozenset({"true", "on", "yes", "1"})
_NO = frozenset({"false", "off", "no", "0"})

_EXACT = 2**53
"""A JSON number with a decimal point is exact below this; above it, other numbers are read as the same one."""
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_LONGEST_NUMBER = 40
_DATE_FORMATS = {
    "YYYY-MM-DD": r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})",
    "DD/MM/YYYY": r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})",
    "MM/DD/YYYY": r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})",
}


class Invalid(Exception):
    """A value cannot be used; `code` is a key of `FIELD_TEXTS`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse_one(field: BaseField, raw: Any) -> Any:
    """Return one typed value, or None for an empty one; a list may hold one value."""
    if isinstance(raw, list) and len(raw) <= 1:
        raw = raw[0] if raw else None
    try:
        text = clean(_as_text(raw))
    except BrokenText:
        raise Invalid(_UNREADABLE.get(type(field), "unreadable-text")) from None
    if text == "":
        return None
    if isinstance(field, EmailField | PhoneField) and has_invisible_marks_inside(str(raw)):
        raise Invalid(_UNREADABLE[type(field)])
    return _PARSERS[type(field)](field, text)


def _as_text(raw: Any) -> str:
    match raw:
        case None:
            return ""
        case str():
            return raw
        case bool():
            return "true" if raw else "false"
        case float() if not math.isfinite(raw) or abs(raw) >= _EXACT:
            raise Invalid("invalid_value")
        case float() if raw.is_integer():
            return str(int(raw))
        case float():
            return f"{Decimal(repr(raw)):f}"  # 0.0000001, not 1e-07
        case int():
            return str(raw)
    raise Invalid("invalid_value")


def _parse_text(field: TextField, text: str) -> str:
    if len(text) > field.max_length:
        raise Invalid("too_long")
    if field.pattern is not None and not pattern_matches(field.pattern, text):
        raise Invalid("wrong-format")
    return text


def _parse_email(field: EmailField, text: str) -> str:
    try:
        # Whether the domain exists is the vendor's business: a DNS fault must not lose a sign-up. Rehearsals use .test.
        address = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("invalid_email") from None
    return f"{address.local_part}@{address.ascii_domain}"


def _parse_phone(field: PhoneField, text: str) -> str:
    from shared.forms.phone_numbers import e164  # a cold start without a field for a phone does without it

    number = e164(text, field.region)
    if number is None:
        raise Invalid("invalid_phone")
    return number


def _parse_choice(field: ChoiceField | ChoicesField, text: str) -> str:
    spelled = {clean(option): option for option in field.options}
    if text not in spelled:
        raise Invalid("invalid_choice")
    return spelled[text]


def _parse_boolean(field: BooleanField | ConsentField, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise Invalid("invalid_boolean")


def _parse_integer(field: IntegerField, text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,15}", text, re.ASCII):
        raise Invalid("invalid_integer")
    return int(text)


def _parse_number(field: NumberField, text: str) -> int | float:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise Invalid("invalid_number")
    exact = Decimal(text)
    if exact == exact.to_integral_value() and exact.copy_abs() < Decimal(10) ** _LONGEST_NUMBER:
        return int(exact)
    number = float(exact)
    # A number with more digits than a float holds would arrive as another number.
    if not math.isfinite(number) or Decimal(repr(number)) != exact:
        raise Invalid("invalid_number")
    return number


def _parse_date(field: DateField, text: str) -> str:
    # Date inputs of browsers send ISO 8601 whatever they show, so it is read beside the format of the form.
    for form in {"YYYY-MM-DD", field.format}:
        if found := re.fullmatch(_DATE_FORMATS[form], text):
            try:
                return dt.date(*(int(found[part]) for part in ("year", "month", "day"))).isoformat()
            except ValueError:
                raise Invalid("invalid_date") from None
    raise Invalid("invalid_date")


_PARSERS: dict[type, Callable[[Any, str], Any]] = {
    TextField: _parse_text,
    EmailField: _parse_email,
    PhoneField: _parse_phone,
    ChoiceField: _parse_choice,
    ChoicesField: _parse_choice,
    BooleanField: _parse_boolean,
    ConsentField: _parse_boolean,
    IntegerField: _parse_integer,
    NumberField: _parse_number,
    DateField: _parse_date,
}
_UNREADABLE: dict[type, str] = {EmailField: "invalid_email", PhoneField: "invalid_phone"}
"""The code of a text that cannot be read, where the type's own says it better than `unreadable-text`."""
