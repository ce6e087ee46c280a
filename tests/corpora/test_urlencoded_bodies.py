"""URL-encoded bodies, by the parser of the URL standard: names, values, escapes, and what is not UTF-8."""

from __future__ import annotations

import pytest

from shared.submission import Submission
from tests.corpora.intake import form_of, taken

FORM = form_of(a='type = "text"\nmax_length = 10000', b='type = "text"')


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"", {}),
        (b"&", {}),
        (b"&&&", {}),
        (b"=", {}),
        (b"=x", {}),
        (b"a", {}),
        (b"a=", {}),
        (b"a=x", {"a": "x"}),
        (b"a=x&b=y", {"a": "x", "b": "y"}),
        (b"&a=x&&b=y&", {"a": "x", "b": "y"}),
        (b"a=x=y", {"a": "x=y"}),
        (b"a==", {"a": "="}),
        (b"a=x+y", {"a": "x y"}),
        (b"a=x%20y", {"a": "x y"}),
        (b"a=%2B", {"a": "+"}),
        (b"a=%26%3D%25", {"a": "&=%"}),
        (b"%61=x", {"a": "x"}),
        (b"a=%", {"a": "%"}),
        (b"a=%2", {"a": "%2"}),
        (b"a=%zz", {"a": "%zz"}),
        (b"a=100%", {"a": "100%"}),
        (b"a=%C3%A9", {"a": "\u00e9"}),
        (b"a=%c3%a9", {"a": "\u00e9"}),
        (b"a=\xc3\xa9", {"a": "\u00e9"}),
        (b"a=%F0%9F%98%80", {"a": "\U0001f600"}),
        (b"a=%EF%BB%BFx", {"a": "x"}),
        (b"a=%00x", {"a": "x"}),
        (b"a=x%0D%0Ay", {"a": "x y"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=x&a=y", {"a": "y"}),
        (b"A=x", {}),
        (b"a[]=x", {}),
        (b"a=%25C3%25A9", {"a": "%C3%A9"}),
        (b"a=" + b"x" * 10_000, {"a": "x" * 10_000}),
    ],
)
def test_a_body_is_read_by_the_standard(body: bytes, values: dict[str, str]) -> None:
    result = taken(FORM, "application/x-www-form-urlencoded", body)
    assert isinstance(result, Submission), result
    assert result.custom == values


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=%FF", "unreadable-body"),
        (b"a=\xff", "unreadable-body"),
        (b"a=%E9t%E9", "unreadable-body"),
        (b"%FF=x", "unreadable-body"),
        (b"a=%ED%A0%80", "unreadable-body"),
        (b"a=%C0%80", "unreadable-body"),
        (b"a=%F4%90%80%80", "unreadable-body"),
        (b"a=%1B$B;3EDB@O:", "unreadable-body"),
        (b"_charset_=windows-1252&a=x", "unsupported-type"),
        (b"&".join(b"n%d=x" % number for number in range(101)), "too-large"),
        (b"a=" + b"x" * 10_001, "too_long"),
    ],
)
def test_a_body_that_cannot_be_read_for_certain_is_refused(body: bytes, code: str) -> None:
    assert taken(FORM, "application/x-www-form-urlencoded", body) == code


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "unsupported-type"),
        ("text/plain", "unsupported-type"),
        ("application/xml", "unsupported-type"),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", "unsupported-type"),
        ("application/json; charset=utf-16", "unsupported-type"),
        ("multipart/form-data", "unreadable-body"),
        ("multipart/form-data; boundary=", "unreadable-body"),
        ("multipart/mixed; boundary=x", "unsupported-type"),
    ],
)
def test_a_type_that_is_not_read_is_refused(content_type: str, code: str) -> None:
    assert taken(FORM, content_type, b"a=x") == code
