"""What `relay check` doubts about a form that works."""

from __future__ import annotations

import pytest

from shared.forms import Forms
from shared.forms.form_warnings import warnings_of
from shared.forms.loading import parse_form
from tests.support.paths import ROOT

FORM = """
title = "Newsletter"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
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
custom_fields = { size = "practiceSize" }
"""
ORIGINS = 'allowed_origins = ["https://www.example.com"]'


def told(right: str = "", wrong: str = "") -> list[str]:
    return [warning.key for warning in warnings_of(parse_form("newsletter", FORM.replace(right, wrong, 1)))]


def test_a_form_that_uses_all_it_asks_for_is_not_doubted() -> None:
    assert told() == []


def test_the_forms_of_the_project_are_not_doubted() -> None:
    forms = Forms(ROOT / "forms")
    assert [(form_id, list(warnings_of(forms.get(form_id)))) for form_id in forms.ids()] == [
        (form_id, []) for form_id in forms.ids()
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "keys"),
    [
        (ORIGINS, "", ["allowed_origins"]),
        (ORIGINS, 'signature = { scheme = "standard-webhooks", secret = "tally" }', []),
        ('custom_fields = { size = "practiceSize" }', "", ["fields.size"]),
        ('custom_fields = { size = "practiceSize" }', 'when = { size = "1-5" }', []),
        ("required = true", "", ["destinations.pulse-us"]),
    ],
)
def test_a_doubt_is_told_with_its_key(right: str, wrong: str, keys: list[str]) -> None:
    assert told(right, wrong) == keys


def test_a_misspelled_attribute_is_suggested() -> None:
    text = FORM.replace("[fields.news]", '[fields.lastname]\ntype = "text"\n[fields.news]')
    (warning,) = warnings_of(parse_form("newsletter", text))
    assert warning.reason == 'its value reaches no destination; did you mean maps_to = "last_name"?'
