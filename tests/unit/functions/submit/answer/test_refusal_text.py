"""The words of a refusal: plain, fit for the field they stand at, and the form's own before ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.submit.answer import answer
from functions.submit.refusal import Refusal
from shared.forms import Form
from shared.forms.fields import BooleanField, ChoiceField, ChoicesField, ConsentField, FormField, PhoneField, TextField
from shared.forms.invalid_fields import FieldError
from shared.forms.single_values import Invalid
from shared.forms.values import parse

FIELDS: dict[str, FormField] = {
    "name": TextField(type="text"),
    "news": ConsentField(type="consent", grants=("email",), statement="Send me news.", version="1"),
    "adult": BooleanField(type="boolean"),
    "size": ChoiceField(type="choice", options=("1-5", "6-20")),
    "topics": ChoicesField(type="choices", options=("a", "b")),
    "mobile": PhoneField(type="phone"),
    "us": PhoneField(type="phone", region="US"),
    "de": PhoneField(type="phone", region="DE"),
}


def told(refused: Refusal, messages: dict[str, str] | None = None) -> Any:
    form = Form(id="news", title="News", fields=FIELDS, destinations=(), messages=messages or {})
    return json.loads(answer.refusal(form, refused, html=False).body or "")


def message(field: str, code: str, messages: dict[str, str] | None = None) -> str:
    (error,) = told(Refusal("invalid-fields", errors=[FieldError(field, code)]), messages)["errors"]
    assert (error["field"], error["code"]) == (field, code)
    return str(error["message"])


def test_what_is_missing_is_filled_in_and_a_box_is_ticked() -> None:
    assert message("name", "required") == "Please fill this in."
    assert message("news", "required") == message("adult", "required") == "Please tick this box."


def test_a_choice_is_chosen() -> None:
    assert message("size", "required") == "Please choose one."
    assert message("size", "invalid_choice") == "Please choose one of the options."
    assert message("topics", "required") == "Please choose at least one."
    assert message("topics", "invalid_choice") == "Please choose from the options."


def test_a_phone_is_explained_by_a_number_that_the_field_takes() -> None:
    assert message("mobile", "invalid_phone") == (
        "Please enter a phone number with its country code, like +1 201 555 0123."
    )
    assert message("us", "invalid_phone") == "Please enter a phone number, like (201) 555-0123."
    assert message("de", "invalid_phone") == "Please enter a phone number, like 030 123456."


@pytest.mark.parametrize("field", ["mobile", "us", "de"])
def test_the_example_is_no_mistake_itself(field: str) -> None:
    example = message(field, "invalid_phone").rpartition("like ")[2].rstrip(".")

    try:
        assert parse(FIELDS[field], [example])
    except Invalid as refused:
        pytest.fail(refused.code)


def test_the_words_of_a_form_go_before_our_variants() -> None:
    assert message("us", "invalid_phone", {"invalid_phone": "Wie bitte?"}) == "Wie bitte?"
    assert message("news", "required", {"required": "Das fehlt."}) == "Das fehlt."


def test_a_form_can_have_variants_too() -> None:
    messages = {"invalid_phone": "Mit Vorwahl.", "invalid_phone_national": "Etwa so: {example}"}

    assert message("mobile", "invalid_phone", messages) == "Mit Vorwahl."
    assert message("de", "invalid_phone", messages) == "Etwa so: 030 123456"


def test_an_error_at_no_field_of_the_form_has_words_too() -> None:
    assert message("upload", "file_not_accepted") == "Files are not accepted here."
    assert message("upload", "required") == "Please fill this in."


def test_who_sends_no_origin_is_not_told_of_a_website() -> None:
    foreign = told(Refusal("origin-not-allowed"))
    missing = told(Refusal("origin-not-allowed", variant="origin-missing"))

    assert foreign["type"] == missing["type"]
    assert "this website" in foreign["detail"]
    assert "this website" not in missing["detail"]
    assert "Origin" in missing["detail"]
