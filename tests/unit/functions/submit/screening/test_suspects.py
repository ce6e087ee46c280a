"""Suspects: of a bot's values so much is kept as fits."""

from __future__ import annotations

import json

import pytest

from functions.submit.request.body import Values
from functions.submit.screening.suspects import shortened


def test_what_fits_is_kept_whole() -> None:
    values: Values = {"email": ["ada@example.com"], "interests": ["a", "b"], "n": [7, None, {"x": [True]}]}
    assert shortened(values, 4096) == values


@pytest.mark.parametrize("character", ["x", "ä", "\U0001f600", "\0", '"'])
def test_of_a_text_that_is_too_long_the_beginning_is_kept(character: str) -> None:
    kept = shortened({"email": ["ada@example.com"], "message": [character * 10_000]}, 1000)

    assert kept["email"] == ["ada@example.com"]
    assert len(kept["message"][0]) > 10
    assert len(json.dumps(kept)) <= 1000


def test_many_values_end_at_the_limit() -> None:
    kept = shortened({f"field{n}": ["x" * 100] * 3 for n in range(100)}, 1000)

    assert len(json.dumps(kept)) <= 1000


def test_what_is_no_text_is_kept_whole_or_not_at_all() -> None:
    assert shortened({"list": [["x" * 2000]], "email": ["ada@example.com"]}, 1000) == {"email": ["ada@example.com"]}
