"""What is masked in a vendor's answer before it is kept."""

from __future__ import annotations

import pytest

from shared.http.masking import masked


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("bad ann@example.com", ["Ann@Example.com"], "bad ***"),
        (r'{"name": "Zo\u00eb"}', ["Zoë"], '{"name": "***"}'),
        ("search=a%2Bb%40example.com", ["a+b@example.com"], "search=***"),
        ("Ann Lee-Ann", ["Ann", "Lee-Ann"], "*** ***"),
        ("IL is an invalid state", ["IL"], "*** is an invalid state"),
        ("illegal", ["il"], "illegal"),
        ("as it is", ["", "  "], "as it is"),
        ("(.*) [a-z]", ["(.*)"], "*** [a-z]"),
    ],
)
def test_a_value_is_masked_however_it_is_spelled(text: str, values: list[str], shown: str) -> None:
    assert masked(text, values) == shown
