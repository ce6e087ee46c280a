"""`each_of`: one entry for every option of a field, and mistakes told with their place in the file."""

from __future__ import annotations

import pytest

from shared.conditions import names_of
from shared.forms import FormBroken
from shared.forms.form_warnings import warnings_of
from shared.forms.loading import parse_form

FORM = """
title = "Topics"
allowed_origins = ["https://www.example.com"]
[fields.phone]
type = "phone"
required = true
[fields.topics]
type = "choices"
options = ["Events", "Jobs, all"]
[fields.size]
type = "choice"
options = ["1-5", "6-20"]
[fields.news]
type = "consent"
grants = ["whatsapp"]
statement = "Send me news."
version = "1"
[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
when = { news = true }
[destinations.options]
location_id = "66f0c0ffee00000000000001"
tags = ["Web", ENTRY]
"""


def problems(entry: str) -> list[str]:
    with pytest.raises(FormBroken) as broken:
        parse_form("topics", FORM.replace("ENTRY", entry))
    return [line.removeprefix("destinations.chat.") for line in broken.value.problems]


@pytest.mark.parametrize(
    ("entry", "names", "when"),
    [
        ('{ each_of = "topics" }', ["Web", "Events", "Jobs, all"], {"topics": "Jobs, all"}),
        ('{ each_of = "size" }', ["Web", "1-5", "6-20"], {"size": "6-20"}),
        (
            '{ each_of = "size", when = { topics = "Events" } }',
            ["Web", "1-5", "6-20"],
            {"topics": "Events", "size": "6-20"},
        ),
    ],
)
def test_every_option_is_an_entry_for_those_who_chose_it(entry: str, names: list[str], when: object) -> None:
    form = parse_form("topics", FORM.replace("ENTRY", entry))
    tags = form.destinations[0].options.tags  # type: ignore[attr-defined]  # Whautomate's
    assert names_of(tags) == names
    assert tags[-1].when == when


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            '{ each_of = "topic" }',
            'options.tags #2.each_of: the form has no field of this name; did you mean "topics"?',
        ),
        (
            '{ each_of = "news" }',
            "options.tags #2.each_of: must be a field of type choices or choice: only those have options",
        ),
        (
            '{ each_of = "topics", when = { topics = "Events" } }',
            "options.tags #2.each_of: is in the entry's when, too; write one entry for each option instead",
        ),
        ("{ each_of = 7 }", "options.tags #2.each_of: must be a text that is not empty"),
        ('{ each_of = "" }', "options.tags #2.each_of: must be a text that is not empty"),
        ("{}", "options.tags #2: needs either name or each_of"),
        ('{ name = "Web", each_of = "topics" }', "options.tags #2: needs either name or each_of"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_would_be_right(entry: str, told: str) -> None:
    assert problems(entry) == [told]


def test_an_option_that_the_vendor_cannot_take_is_told() -> None:
    # "Events" fits, "Jobs, all" does not.
    told = problems('{ each_of = "topics" }]\ntag_max_length = 6 #')
    assert told == ["options.tags: a tag has at most 6 characters"]


def test_a_field_of_which_every_option_is_a_tag_reaches_a_destination() -> None:
    used = FORM.replace("ENTRY", '{ each_of = "topics" }, { each_of = "size" }')
    assert list(warnings_of(parse_form("topics", used))) == []
