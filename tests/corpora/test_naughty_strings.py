"""Strings that break programs, in every type of field: taken without a visible change, or refused by a code."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from shared.submission import Submission
from tests.corpora.intake import bodies_of, form_of, submitted, taken

STRINGS: list[str] = json.loads((Path(__file__).parent / "naughty_strings.json").read_text())
ESCAPE = "\x1b"
"""Bodies that are not JSON are refused with it: it belongs to encodings other than UTF-8."""
TEXT = form_of(note='type = "text"\nmax_length = 10000')
EVERYTHING = {
    "first_name": 'type = "text"',
    "phone": 'type = "phone"\nregion = "US"',
    "size": 'type = "choice"\noptions = ["1-5", "6-20"]',
    "topics": 'type = "choices"\noptions = ["a", "b"]',
    "first_visit": 'type = "boolean"',
    "beds": 'type = "integer"',
    "distance": 'type = "number"',
    "birthday": 'type = "date"\nformat = "DD/MM/YYYY"',
    "licence": "type = \"text\"\npattern = '[A-Z]{2}[0-9]+'",
    "news": 'type = "consent"\ngrants = ["email"]\nstatement = "News."\nversion = "1"',
}
ALL_TYPES = form_of(**EVERYTHING)


def visible(text: str) -> str:
    """Return what a reader sees: no spaces, marks without width or control characters, composed or not."""
    shown = (c for c in unicodedata.normalize("NFD", text) if not c.isspace())
    return "".join(c for c in shown if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"})


def test_a_text_keeps_every_visible_character_however_it_is_sent() -> None:
    for string in STRINGS:
        for content_type, body in bodies_of("note", string).items():
            result = taken(TEXT, content_type, body)
            if ESCAPE in string and content_type != "application/json":
                assert result == "unreadable-body"
                continue
            assert isinstance(result, Submission), (string, result)
            assert visible(str(result.custom.get("note", ""))) == visible(string)


@pytest.mark.parametrize("name", [*EVERYTHING, "email"])
def test_no_string_breaks_a_field(name: str) -> None:
    for string in STRINGS:
        result = submitted(ALL_TYPES, {name: [string]})
        if isinstance(result, Submission) and name in {"first_name", "email"}:
            stored = result.contact.present.get(name, "")
            assert visible(stored).casefold() == visible(string).casefold()


def test_no_string_becomes_a_phone_number_by_losing_letters() -> None:
    for string in STRINGS:
        result = submitted(ALL_TYPES, {"phone": [string]})
        if isinstance(result, Submission) and result.contact.phone is not None:
            assert not any(c.isalpha() for c in string)


def test_no_string_in_a_name_carries_a_link_or_markup() -> None:
    for string in STRINGS:
        result = submitted(ALL_TYPES, {"first_name": [string]})
        if isinstance(result, Submission):
            name = result.contact.first_name or ""
            assert not {"<", ">"} & set(name)
            assert "://" not in name
