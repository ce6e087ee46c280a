"""Field values: what is taken, how it is normalised, and by which code it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared.forms.fields import (
    BooleanField,
    ChoiceField,
    ConsentField,
    DateField,
    EmailField,
    IntegerField,
    NumberField,
    PhoneField,
    TextField,
)
from shared.forms.texts import FIELD_TEXTS
from shared.forms.values import Invalid, parse

TEXT = TextField(type="text", max_length=10)
EMAIL = EmailField(type="email")
PHONE = PhoneField(type="phone", region="US")
PHONE_ABROAD = PhoneField(type="phone")
CHOICE = ChoiceField(type="choice", options=("1-5", "Cafe\u0301", "two  spaces"))
BOOLEAN = BooleanField(type="boolean")
CONSENT = ConsentField(type="consent", grants=("email",), statement="Send me news.", version="1")
INTEGER = IntegerField(type="integer")
NUMBER = NumberField(type="number")
DATE = DateField(type="date")

EVERY = [TEXT, EMAIL, PHONE, CHOICE, BOOLEAN, CONSENT, INTEGER, NUMBER, DATE]


@pytest.mark.parametrize("field", EVERY, ids=lambda field: field.type)
@pytest.mark.parametrize("raw", [None, "", "  ", "\r\n", [], [""], "\u200b", "\x00"])
def test_nothing_submitted_is_nothing(field: Any, raw: Any) -> None:
    assert parse(field, raw) is None


@pytest.mark.parametrize("field", EVERY, ids=lambda field: field.type)
@pytest.mark.parametrize("raw", [["a", "b"], {"a": 1}, [["a"]], float("inf"), float("nan")])
def test_what_is_not_one_value_is_refused(field: Any, raw: Any) -> None:
    with pytest.raises(Invalid, match="invalid_value"):
        parse(field, raw)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (TEXT, "  Ada\r\nLove  ", "Ada Love"),
        (TEXT, "A\x00d\x1ba", "A d a"),
        (TEXT, "Jose\u0301", "Jos\u00e9"),
        (TEXT, "a\u2028b\u2029c", "a b c"),
        (TEXT, "\u202eevil\u202c", "evil"),
        (TEXT, "\ud800x", "?x"),
        (TEXT, "e\u0301" * 10, "\u00e9" * 10),
        (TEXT, "<b>&\"'", "<b>&\"'"),
        (TEXT, ["Ada"], "Ada"),
        (TEXT, 7, "7"),
        (TEXT, 7.0, "7"),
        (TEXT, 1.5, "1.5"),
        (TEXT, True, "true"),
        (EMAIL, " Ada@Example.COM ", "Ada@example.com"),
        (EMAIL, "ada@example.com", "ada@example.com"),
        (EMAIL, "ada@sub.example.org", "ada@sub.example.org"),
        (EMAIL, "ada@mail.example", "ada@mail.example"),
        (EMAIL, "ada@relay.test", "ada@relay.test"),
        (EMAIL, "ada+news@example.com", "ada+news@example.com"),
        (EMAIL, "ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        (EMAIL, "jos\u00e9@example.com", "jos\u00e9@example.com"),
        (EMAIL, "\u200bada@example.com", "ada@example.com"),
        (PHONE, "(212) 555-0123", "+12125550123"),
        (PHONE, "+1 212 555 0123", "+12125550123"),
        (PHONE, 12125550123, "+12125550123"),
        (PHONE, "+44 20 7946 0958", "+442079460958"),
        (PHONE, "1 999 999 9999", "+19999999999"),
        (PHONE, "212-555-0123 ext. 5", "+12125550123"),
        (PHONE_ABROAD, "+49 30 901820", "+4930901820"),
        (CHOICE, "1-5", "1-5"),
        (CHOICE, " caf\u00e9".title(), "Cafe\u0301"),
        (CHOICE, "two spaces", "two  spaces"),
        (BOOLEAN, True, True),
        (BOOLEAN, "on", True),
        (BOOLEAN, "YES", True),
        (BOOLEAN, "1", True),
        (BOOLEAN, 1, True),
        (BOOLEAN, False, False),
        (BOOLEAN, "off", False),
        (BOOLEAN, "No", False),
        (BOOLEAN, 0, False),
        (CONSENT, "true", True),
        (CONSENT, "false", False),
        (INTEGER, "42", 42),
        (INTEGER, "-7", -7),
        (INTEGER, "+7", 7),
        (INTEGER, 5.0, 5),
        (INTEGER, "007", 7),
        (NUMBER, "1.5", 1.5),
        (NUMBER, "-.5", -0.5),
        (NUMBER, "1e3", 1000.0),
        (NUMBER, 2, 2.0),
        (DATE, "2026-02-28", "2026-02-28"),
        (DATE, "2024-02-29", "2024-02-29"),
    ],
)
def test_a_value_is_taken_and_normalised(field: Any, raw: Any, value: Any) -> None:
    parsed = parse(field, raw)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        (TEXT, "a" * 11, "too_long"),
        (EMAIL, "ada", "invalid_email"),
        (EMAIL, "ada@", "invalid_email"),
        (EMAIL, "@example.com", "invalid_email"),
        (EMAIL, "ada@localhost", "invalid_email"),
        (EMAIL, "ada@example..com", "invalid_email"),
        (EMAIL, "a b@example.com", "invalid_email"),
        (EMAIL, "ada@example.com\r\nBcc: eve@example.com", "invalid_email"),
        (EMAIL, "ada@example.com,eve@example.com", "invalid_email"),
        (EMAIL, "Ada <ada@example.com>", "invalid_email"),
        (EMAIL, "a@" + "b" * 300 + ".com", "invalid_email"),
        (PHONE, "call me", "invalid_phone"),
        (PHONE, "12", "invalid_phone"),
        (PHONE, "555 0123", "invalid_phone"),
        (PHONE, "+1 212 555 0123 0123 0123", "invalid_phone"),
        (PHONE, "1" * 300, "invalid_phone"),
        (PHONE_ABROAD, "212 555 0123", "invalid_phone"),
        (CHOICE, "6-20", "invalid_choice"),
        (CHOICE, "cafe\u0301", "invalid_choice"),
        (BOOLEAN, "maybe", "invalid_boolean"),
        (BOOLEAN, 2, "invalid_boolean"),
        (CONSENT, "I agree", "invalid_boolean"),
        (INTEGER, "1.5", "invalid_integer"),
        (INTEGER, "1_000", "invalid_integer"),
        (INTEGER, "\uff11", "invalid_integer"),
        (INTEGER, "1" * 16, "invalid_integer"),
        (INTEGER, 1e300, "invalid_integer"),
        (NUMBER, "1,5", "invalid_number"),
        (NUMBER, "1_0", "invalid_number"),
        (NUMBER, "\uff11", "invalid_number"),
        (NUMBER, "nan", "invalid_number"),
        (NUMBER, "Infinity", "invalid_number"),
        (NUMBER, "1e999", "invalid_number"),
        (NUMBER, "1" * 41, "invalid_number"),
        (DATE, "2026-02-29", "invalid_date"),
        (DATE, "28.02.2026", "invalid_date"),
        (DATE, "20260228", "invalid_date"),
        (DATE, "2026-W09-6", "invalid_date"),
        (DATE, "2026-02-28T00:00", "invalid_date"),
    ],
)
def test_a_value_is_refused_by_a_stable_code(field: Any, raw: Any, code: str) -> None:
    assert code in FIELD_TEXTS
    with pytest.raises(Invalid, match=code):
        parse(field, raw)
