"""`write` of a destination: what is only filled, and what is refused when the form loads."""

from __future__ import annotations

import pytest

from shared.forms import FormBroken
from shared.forms.loading import parse_form
from shared.vendors.registry import ACTIONS as REGISTERED
from tests.support.actions import ACTIONS

FORM = """
title = "News"
allowed_origins = ["*"]
[fields.email]
type = "email"
required = true
[fields.mobile]
type = "phone"
maps_to = "phone"
[fields.given_name]
type = "text"
maps_to = "first_name"
[fields.job_title]
type = "text"
[fields.size]
type = "text"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
[[destinations]]
name = "vendor"
"""
PULSE = 'vendor = "pulse"\naction = "upsert"\noptions = { source = 7 }\ncustom_fields = { size = "practiceSize" }\n'


def form(write: str, destination: str = PULSE) -> str:
    return f"{FORM}{destination}write = {write}\n"


def filled(write: str) -> frozenset[str]:
    (destination,) = parse_form("news", form(write)).destinations
    return destination.filled


def refusal(write: str, destination: str = PULSE) -> str:
    with pytest.raises(FormBroken) as broken:
        parse_form("news", form(write, destination))
    [problem] = broken.value.problems
    return str(problem)


def test_nothing_is_only_filled_unless_the_form_says_so() -> None:
    (destination,) = parse_form("news", FORM + PULSE).destinations
    assert destination.filled == frozenset()
    assert filled('"overwrite"') == frozenset()


def test_fill_is_for_every_field_but_a_consent() -> None:
    assert filled('"fill"') == {"email", "phone", "first_name", "job_title", "custom.practiceSize"}


def test_a_table_fills_what_it_names() -> None:
    table = '{ given_name = "fill", size = "fill", mobile = "overwrite", news = "overwrite" }'
    assert filled(table) == {"first_name", "custom.practiceSize"}


@pytest.mark.parametrize(
    ("write", "key", "reason"),
    [
        ('"fil"', "write", 'must be "overwrite" or "fill"; must be a table; did you mean "fill"?'),
        ("7", "write", 'must be "overwrite" or "fill"'),
        ('{ given_name = "fil" }', "write.given_name", 'must be "overwrite" or "fill"; did you mean "fill"?'),
        ('{ given_nam = "fill" }', "write.given_nam", 'did you mean "given_name"?'),
        ('{ first_name = "fill" }', "write.first_name", "the form has no field of this name"),
        ('{ job_title = "fill" }', "write.job_title", "does not reach this destination; add it to custom_fields"),
        ('{ news = "fill" }', "write.news", "a consent cannot be filled"),
    ],
)
def test_a_mistake_is_refused_with_its_key_and_what_would_be_right(write: str, key: str, reason: str) -> None:
    told = refusal(write)
    assert told.startswith(f"destinations.vendor.{key}: ")
    for part in reason.split("; "):
        assert part in told


def test_a_field_that_an_option_would_send_is_told_with_it() -> None:
    chat = 'vendor = "whautomate"\naction = "upsert"\noptions = { location_id = "1" }\n'

    told = refusal('{ email = "fill" }', chat).partition(": ")[2]

    assert told == "its value does not reach this destination; set options.email_custom_field, or leave it out"


@pytest.mark.parametrize(("vendor", "action"), sorted(ACTIONS))
@pytest.mark.parametrize("write", ['"fill"', '{ given_name = "fill" }'])
def test_fill_is_refused_where_the_contact_cannot_be_read_first(vendor: str, action: str, write: str) -> None:
    destination = f'vendor = "{vendor}"\naction = "{action}"\n{ACTIONS[vendor, action].options}\n'
    if REGISTERED[vendor, action].reads_contact:
        (loaded,) = parse_form("news", form(write, destination)).destinations
        assert loaded.filled
        return
    told = {str(problem) for problem in problems(form(write, destination))}
    reason = f'"fill" is not possible: {vendor} {action} cannot read the contact first; use "overwrite"'
    assert f"destinations.vendor.write: {reason}" in told


def problems(text: str) -> list[object]:
    with pytest.raises(FormBroken) as broken:
        parse_form("news", text)
    return list(broken.value.problems)
