"""Phone numbers: one number that is possible in its country, or nothing. Nothing is guessed or cut off."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

_LONGEST_TEXT = 40
_ALLOWED = re.compile(r"[+\uff0b]?[\d\s()\[\].\-\u2010-\u2015\u2212\uff08\uff09\uff0d\uff0e/]+")
"""Digits of any script and the marks between them, `+` in front only. Letters, `#`, `;` and `,` would start a remark,
an extension or a second number."""
_BETWEEN_NUMBERS = re.compile(r"[\s/]+")
_LONGEST_AREA_CODE = 7
"""Digits, a leading 0 among them: what is longer and is a number before a slash is no area code."""


def e164(text: str, region: str | None) -> str | None:
    """Return the number as `+12125550123`, or None where it is not exactly one possible number.

    Args:
        text: as it was submitted; a `tel:` link is a number too.
        region: the country of numbers without `+`; None: those are no numbers.
    """
    text = text.removeprefix("tel:").strip()
    if len(text) > _LONGEST_TEXT or not _ALLOWED.fullmatch(text):
        return None
    number = _parsed(text, region)
    if number is None or _is_two_numbers(text, number, region):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def example_phone(region: str) -> str | None:
    """Return a number as people of that country write it, one of those reserved for examples where there are such."""
    number = phonenumbers.example_number(region)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) if number is not None else None


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not "valid": numbering plans change faster than deployments, and a real number must not be refused.
    # A local number without its area code is "possible" too, but cannot be dialled from elsewhere.
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible and number.extension is None else None


def _is_two_numbers(text: str, whole: PhoneNumber, region: str | None) -> bool:
    """Whether the text is two short numbers in a row, which together look like one long number.

    After a slash a second one need not be whole: "030 123456 / 57" is two numbers of one connection.
    """
    before = [text[: slash.start()] for slash in re.finditer("/", text)]
    if any(len(re.sub(r"\D", "", first)) > _LONGEST_AREA_CODE and _is_valid(first, region) for first in before):
        return True
    if phonenumbers.is_valid_number(whole):
        return False
    halves = ((text[: gap.start()], text[gap.end() :]) for gap in _BETWEEN_NUMBERS.finditer(text))
    return any(_is_valid(first, region) and _is_valid(second, region) for first, second in halves)


def _is_valid(text: str, region: str | None) -> bool:
    number = _parsed(text, region)
    return number is not None and phonenumbers.is_valid_number(number)
