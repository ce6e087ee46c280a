"""Phone numbers of every region, as people write them: the one number that was meant, or a refusal."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from shared.forms.phone_numbers import e164
from shared.forms.regions import REGIONS

FORMATS = [
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.E164,
    PhoneNumberFormat.RFC3966,
]
REMARKS = [
    " (work)",
    " work",
    " mob",
    " mobil",
    " w",
    " ext. 5",
    " ext 45",
    " x5",
    " x 4567",
    " #5",
    ";ext=5",
    " Durchwahl 5",
    ", after 5pm",
    " ask for Ada",
    " \u643a\u5e2f",
    "*",
]
SEPARATORS = ["; ", ", ", " / ", "/", " or ", " & ", "\n", " | "]
OTHER_DIGITS = {
    "full width": str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"),
    "Arabic": str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669"),
}


def examples(region: str) -> Iterator[PhoneNumber]:
    """Return the fixed and the mobile number that the metadata gives as examples."""
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield number


EXAMPLES = [(region, number) for region in sorted(REGIONS) for number in examples(region)]
"""All regions': each test goes through them, since 245 tests of it would cost more to report than to run."""


def spellings(number: PhoneNumber) -> Iterator[str]:
    for style in FORMATS:
        yield phonenumbers.format_number(number, style)


def meant(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def test_every_spelling_is_the_number_that_was_meant() -> None:
    for region, number in EXAMPLES:
        for text in spellings(number):
            assert e164(text, region) == meant(number), (region, text)
            for digits in OTHER_DIGITS.values():
                assert e164(text.translate(digits), region) == meant(number), (region, text)


def test_a_remark_never_becomes_part_of_the_number_or_vanishes() -> None:
    for region, number in EXAMPLES:
        for text in spellings(number):
            assert {remark: e164(text + remark, region) for remark in REMARKS} == dict.fromkeys(REMARKS), (region, text)
            assert e164(f"mob {text}", region) is None, (region, text)


def test_a_second_number_is_refused() -> None:
    for region, first in EXAMPLES:
        for second in examples(region):
            written = [phonenumbers.format_number(each, PhoneNumberFormat.NATIONAL) for each in (first, second)]
            found = {mark: e164(mark.join(written), region) for mark in SEPARATORS}
            assert found == dict.fromkeys(SEPARATORS), (region, written)
