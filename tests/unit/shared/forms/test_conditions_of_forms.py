"""`when` as a form file has it: fields that exist, values that they can have, sign-ups that are wanted."""

from __future__ import annotations

from typing import Any

import pytest

from shared.forms import Form, FormBroken
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.loading import parse_form
from shared.submission import Submission

FIELDS = r"""
title = "Newsletter"
[fields.email]
type = "email"
[fields.mobile]
type = "phone"
maps_to = "phone"
region = "US"
[fields.first_name]
type = "text"
max_length = 20
[fields.licence]
type = "text"
pattern = '[A-Z]{2}\d{4}'
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
[fields.topics]
type = "choices"
options = ["events", "research", "jobs"]
[fields.first_visit]
type = "boolean"
[fields.beds]
type = "integer"
[fields.distance]
type = "number"
[fields.birthday]
type = "date"
format = "DD/MM/YYYY"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
DESTINATION = """
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""


def form(when: str) -> Form:
    return parse_form("newsletter", f"{FIELDS}{DESTINATION}when = {when}\n")


def problems(when: str) -> list[str]:
    with pytest.raises(FormBroken) as broken:
        form(when)
    return broken.value.problems


def submission(of: Form, **values: Any) -> Submission:
    return build_submission(of, {name: [value] for name, value in values.items()}, SubmissionContext("s1", 1))


@pytest.mark.parametrize(
    ("when", "key", "reason"),
    [
        ("{ nesw = true }", "nesw", 'the form has no field of this name; did you mean "news"?'),
        ('{ news = "yes" }', "news", "must be true or false, as for every tick box"),
        ("{ first_visit = 1 }", "first_visit", "must be true or false, as for every tick box"),
        ('{ size = "1-6" }', "size", 'must be one of the field\'s options; did you mean "1-5"?'),
        ("{ size = 1 }", "size", "must be one of the field's options"),
        ('{ topics = ["events", "golf"] }', "topics", "must be one of the field's options"),
        ('{ beds = "5" }', "beds", "must be a whole number, as the field is"),
        ("{ beds = 5.5 }", "beds", "must be a whole number, as the field is"),
        ("{ distance = true }", "distance", "must be a number, as the field is"),
        ('{ birthday = "31/12/1985" }', "birthday", "must be a date like 2026-12-31, whatever the field's format is"),
        ('{ email = "Ada@Example.com" }', "email", "must be an e-mail address with its domain in small letters"),
        ('{ mobile = "(212) 555-0123" }', "mobile", "must be a phone number like +12125550123"),
        ('{ first_name = " Ada" }', "first_name", "must be a text that the field accepts, on one line"),
        (f'{{ first_name = "{"a" * 21}" }}', "first_name", "must be a text that the field accepts, on one line"),
        ('{ licence = "A1" }', "licence", "must be a text that the field accepts, on one line"),
    ],
)
def test_a_condition_that_can_never_hold_is_refused(when: str, key: str, reason: str) -> None:
    assert problems(when) == [f"destinations.pulse-us.when.{key}: {reason}"]


@pytest.mark.parametrize("when", ["{}", "7", "[]", '"news"', "{ news = [] }", "{ news = { is = true } }"])
def test_a_condition_of_the_wrong_shape_is_refused(when: str) -> None:
    assert all(problem.startswith("destinations.pulse-us.when") for problem in problems(when))


@pytest.mark.parametrize("field", ["first_visit", "news"])
def test_a_required_box_that_is_not_ticked_is_no_condition(field: str) -> None:
    required = FIELDS.replace(f"[fields.{field}]\n", f"[fields.{field}]\nrequired = true\n")
    text = f"{required}{DESTINATION}when = {{ {field} = "
    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", text + "false }\n")
    assert "can never be false" in broken.value.problems[0]
    parse_form("newsletter", text + "true }\n")


def test_all_mistakes_of_a_condition_are_told_beside_those_of_its_destination() -> None:
    text = f"{FIELDS}{DESTINATION.replace('source = 7', 'sauce = 7')}when = {{ nesw = true, beds = 'x' }}\n"
    with pytest.raises(FormBroken) as broken:
        parse_form("newsletter", text)
    keys = [mistake.key.removeprefix("destinations.pulse-us.") for mistake in broken.value.mistakes]
    assert sorted(keys) == ["options.sauce", "options.source", "when.beds", "when.nesw"]


@pytest.mark.parametrize(
    ("when", "wanted", "unwanted"),
    [
        ("{ news = true }", {"news": "on"}, {}),
        ("{ first_visit = false }", {}, {"first_visit": "yes"}),
        ('{ size = ["1-5", "6-20"] }', {"size": "6-20"}, {}),
        ('{ topics = "events" }', {"topics": ["events", "jobs"]}, {"topics": "jobs"}),
        ("{ beds = 5 }", {"beds": "5"}, {"beds": "6"}),
        ("{ distance = 5 }", {"distance": "5.0"}, {"distance": "5.1"}),
        ("{ birthday = 1985-12-31 }", {"birthday": "31/12/1985"}, {"birthday": "1985-12-30"}),
        ('{ email = "Ada@example.com" }', {"email": "Ada@EXAMPLE.com"}, {"email": "ada@example.com"}),
        ('{ mobile = "+12125550123" }', {"mobile": "(212) 555-0123"}, {"mobile": "(212) 555-0124"}),
        ('{ first_name = "Ada" }', {"first_name": " Ada "}, {"first_name": "Grace"}),
        ('{ news = true, size = "1-5" }', {"news": True, "size": "1-5"}, {"news": True}),
    ],
)
def test_a_destination_wants_the_sign_ups_that_match(when: str, wanted: Any, unwanted: Any) -> None:
    conditional = form(when)
    (destination,) = conditional.destinations

    for values, wants in ((wanted, True), (unwanted, False)):
        accepted = submission(conditional, **values)
        assert destination.wants(accepted) is wants
        # A retry decides the same from what the queue's message holds.
        assert destination.wants(Submission.model_validate_json(accepted.model_dump_json())) is wants


def test_a_destination_without_a_condition_wants_every_sign_up() -> None:
    unconditional = parse_form("newsletter", FIELDS + DESTINATION)
    assert unconditional.destinations[0].wants(submission(unconditional))


def test_texts_that_no_condition_is_about_are_not_carried_twice() -> None:
    answers = submission(form('{ first_name = "Ada" }'), first_name="Ada", email="ada@example.com", size="1-5").answers
    assert answers == {"first_name": "Ada", "size": "1-5"}
