"""Field values: what was submitted → typed, normalised values, or a stable error code per field."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from shared.contact import Value
from shared.forms.fields import (
    BooleanField,
    ChoiceField,
    ConsentField,
    DateField,
    EmailField,
    FormField,
    IntegerField,
    NumberField,
    PhoneField,
    TextField,
)

_YES = frozenset({"true", "on", "yes", "1"})
_NO = frozenset({"false", "off", "no", "0"})

_EXACT = 2**53
"""Up to here a JSON number that was written 5.0 is certainly 5."""
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
"""Marks without width, which copying brings along, and those that turn text around to deceive its reader."""


class Invalid(Exception):
    """A value cannot be used; `code` is a key of `FIELD_TEXTS`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse(field: FormField, raw: Any) -> Value | None:
    """Return the typed value, or None when nothing was submitted.

    Raises:
        Invalid: with the error's code.
    """
    text = _text(raw)
    if text == "":
        return None
    return _PARSERS[type(field)](field, text)


def _text(raw: Any) -> str:
    """Return what was submitted as one line of clean text; a list may hold one value."""
    if isinstance(raw, list) and len(raw) <= 1:
        raw = raw[0] if raw else None
    match raw:
        case None:
            return ""
        case str():
            return clean(raw)
        case bool():
            return "true" if raw else "false"
        case float() if not math.isfinite(raw):
            raise Invalid("invalid_value")
        case float() if raw.is_integer() and abs(raw) < _EXACT:
            return str(int(raw))
        case int() | float():
            return repr(raw)
    raise Invalid("invalid_value")


def clean(text: str) -> str:
    """Return one line: Unicode NFC, no control characters, no line breaks, nothing that UTF-8 cannot hold."""
    text = _INVISIBLE.sub("", text.encode("utf-8", "replace").decode())
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return unicodedata.normalize("NFC", re.sub(r" {2,}", " ", text).strip())


def _parse_text(field: TextField, text: str) -> str:
    if len(text) > field.max_length:
        raise Invalid("too_long")
    return text


def _parse_email(field: EmailField, text: str) -> str:
    try:
        # Whether the domain exists is the vendor's business: a DNS fault must not lose a sign-up. Rehearsals use .test.
        address = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Invalid("invalid_email") from None
    return f"{address.local_part}@{address.ascii_domain}"


def _parse_phone(field: PhoneField, text: str) -> str:
    try:
        number = phonenumbers.parse(text, field.region)
    except phonenumbers.NumberParseException:
        raise Invalid("invalid_phone") from None
    # Possible, not "valid": numbering plans change faster than deployments, and a real number must not be refused.
    # A local number without its area code is "possible" too, but reaches nobody.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Invalid("invalid_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def example_phone(region: str) -> str | None:
    """Return a number as people of that country write it, one of those reserved for examples where there are such."""
    number = phonenumbers.example_number(region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL) if number is not None else None


def _parse_choice(field: ChoiceField, text: str) -> str:
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


def _parse_number(field: NumberField, text: str) -> float:
    number = float(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise Invalid("invalid_number")
    return number


def _parse_date(field: DateField, text: str) -> str:
    # Python would take other spellings of ISO 8601 too, weeks among them, which no date input sends.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Invalid("invalid_date")
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid("invalid_date") from None


_PARSERS: dict[type, Callable[[Any, str], Value]] = {
    TextField: _parse_text,
    EmailField: _parse_email,
    PhoneField: _parse_phone,
    ChoiceField: _parse_choice,
    BooleanField: _parse_boolean,
    ConsentField: _parse_boolean,
    IntegerField: _parse_integer,
    NumberField: _parse_number,
    DateField: _parse_date,
}
