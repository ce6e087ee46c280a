"""JSON bodies: what is JSON is read as it says, what is not is refused, and nothing is read as something else."""

from __future__ import annotations

import pytest

from shared.submission import Submission
from tests.corpora.intake import form_of, taken
from tests.corpora.json_texts import BODY, INVALID, PLACE, REFUSED, VALID

FORM = form_of(note='type = "text"\nmax_length = 10000')


def note_of(text: bytes) -> Submission | str:
    return taken(FORM, "application/json", BODY.replace(PLACE, text))


@pytest.mark.parametrize(("text", "value"), VALID.items(), ids=lambda part: repr(part)[:30])
def test_json_is_read_as_it_says(text: bytes, value: str | None) -> None:
    result = note_of(text)
    assert isinstance(result, Submission), result
    assert result.custom.get("note") == value


@pytest.mark.parametrize("text", INVALID, ids=lambda text: repr(text)[:30])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    assert note_of(text) == "unreadable-body"


@pytest.mark.parametrize(("text", "code"), REFUSED.items(), ids=lambda part: repr(part)[:30])
def test_json_that_cannot_be_kept_as_it_is_is_refused(text: bytes, code: str) -> None:
    assert note_of(text) == code


@pytest.mark.parametrize("body", [b"", b" ", b"null", b"[]", b'"note"', b"7", b"{} {}", b"\x00", b"{\x00}"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    assert taken(FORM, "application/json", body) == "unreadable-body"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_json_in_another_encoding_is_refused_or_read_right(encoding: str) -> None:
    result = taken(FORM, "application/json", '{"note": "Łukasz"}'.encode(encoding))
    assert isinstance(result, str) or result.custom == {"note": "Łukasz"}


def test_a_byte_order_mark_is_no_part_of_the_body() -> None:
    result = taken(FORM, "application/json", b'\xef\xbb\xbf{"note": "Ada"}')
    assert isinstance(result, Submission)
    assert result.custom == {"note": "Ada"}
