"""From submitted values to a sign-up: attributes, custom fields, receipts; what is dropped and what is counted."""

from __future__ import annotations

from typing import Any

import pytest

from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.invalid_fields import FieldError, InvalidFields
from shared.forms.loading import parse_form
from shared.submission import Submission

FORM = parse_form(
    "newsletter",
    """
title = "Newsletter"
[fields.email]
type = "email"
required = true
[fields.given_name]
type = "text"
maps_to = "first_name"
[fields.interests]
type = "choices"
options = ["cardiology", "oncology", "paediatrics"]
[fields.fields_of_work]
type = "choices"
options = ["clinic", "research"]
maps_to = "specialty"
[fields.languages]
type = "choices"
options = ["en", "fr"]
on_invalid = "drop"
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
[fields.rating]
type = "number"
[fields.mobile]
type = "phone"
maps_to = "phone"
on_invalid = "drop"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
""",
)


def built(**values: list[Any]) -> Submission:
    return build_submission(FORM, {"email": ["ada@example.com"], **values}, SubmissionContext("s1", 1))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    monkeypatch.setattr("shared.forms.build_submission.count", lambda name, form, field: found.append((name, field)))
    return found


def test_choices_are_joined_for_a_custom_field_in_the_forms_order() -> None:
    assert built(interests=["paediatrics", "cardiology"]).custom == {"interests": "cardiology, paediatrics"}


def test_choices_are_joined_for_a_contact_attribute() -> None:
    assert built(fields_of_work=[["research", "clinic"]]).contact.specialty == "clinic, research"


def test_one_value_outside_the_options_makes_all_choices_invalid() -> None:
    with pytest.raises(InvalidFields) as invalid:
        built(interests=["cardiology", "golf"])
    assert invalid.value.errors == (FieldError("interests", "invalid_choice"),)


def test_a_dropped_field_of_choices_is_dropped_as_a_whole(counted: list[tuple[str, str]]) -> None:
    assert built(languages=["en", "tlh"]).custom == {}
    assert counted == [("FieldsDropped", "languages")]


def test_a_whole_number_stays_whole() -> None:
    assert repr(built(rating=["5"]).custom["rating"]) == "5"
    assert repr(built(rating=["1234567890123456789"]).custom["rating"]) == "1234567890123456789"


@pytest.mark.parametrize(
    "values", [{"given_name": ["Ada", "Grace"]}, {"news": ["true", "false"]}, {"size": ["1-5", "1-5"]}]
)
def test_a_repeated_name_is_counted(values: dict[str, list[Any]], counted: list[tuple[str, str]]) -> None:
    built(**values)
    (name,) = values
    assert counted == [("FieldsRepeated", name)]


def test_a_repeated_name_of_choices_is_no_repetition(counted: list[tuple[str, str]]) -> None:
    built(interests=["cardiology", "oncology"])
    assert counted == []


def test_a_tick_grants_whatever_else_its_name_was_sent_with() -> None:
    assert built(news=["true", "false"]).channels == {"email"}
    assert built(news=["false", "false"]).channels == set()


@pytest.mark.parametrize("link", ["https://spam.example.com", "<b>Ada</b>"])
def test_a_name_with_a_link_costs_the_sign_up_its_field_only_by_an_error(link: str) -> None:
    with pytest.raises(InvalidFields) as invalid:
        built(given_name=[link])
    assert invalid.value.errors == (FieldError("given_name", "not-a-name"),)


@pytest.mark.parametrize("number", ["+1 212 555 0123 ext. 5", "+1 212 555 0123 (work)", "+12125550123;+12125550199"])
def test_a_phone_number_that_would_have_to_be_guessed_is_dropped(number: str, counted: list[tuple[str, str]]) -> None:
    assert built(mobile=[number]).contact.phone is None
    assert counted == [("FieldsDropped", "mobile")]
