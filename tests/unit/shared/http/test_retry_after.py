from __future__ import annotations

from email.utils import formatdate

import pytest

from shared.http.retry_after import parse_retry_after
from tests.support.clock import NOON


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        (formatdate(NOON + 90, usegmt=True), 90.0),
        (formatdate(NOON - 90, usegmt=True), 0.0),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
        ("Fri, 99 Foo 2026 00:00:00 GMT", None),
        ("\u00b2", None),
    ],
)
def test_both_spellings_of_retry_after_are_understood_and_nonsense_is_ignored(
    header: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(header, NOON) == seconds
