"""Patterns of text fields: what may be written, and that none of it can be slow."""

from __future__ import annotations

import pytest

from shared.forms.text_pattern import MOST_WAYS, UnusablePattern, check_pattern, pattern_matches


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"[A-Z]{2}\d{4}", "AB1234", True),
        (r"[A-Z]{2}\d{4}", "AB12345", False),
        (r"\d{5}(-\d{4})?", "12345-6789", True),
        (r"(?:Dr|Prof)\. .+", "Dr. Ada", True),
        (r"yes|no", "nope", False),
        (r"[^<>]*", "Ada", True),
        (r"[]a\]-]+", "]a-", True),
        (r"\d+", "\uff11", False),
    ],
)
def test_a_pattern_is_for_the_whole_text(pattern: str, text: str, fits: bool) -> None:
    check_pattern(pattern, max_length=200)
    assert pattern_matches(pattern, text) is fits


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*b", "(a*)*", "(a|b?){30}", ".*.*.*x", "(.*,){11}P", "a?" * 30, "(x+x+)+y", r"(\w+\s?)*x"],
)
def test_a_pattern_that_could_hang_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern, match="could take too long"):
        check_pattern(pattern, max_length=200)


def test_a_shorter_text_allows_more() -> None:
    with pytest.raises(UnusablePattern):
        check_pattern(".*.*.*x", max_length=200)
    check_pattern(".*.*.*x", max_length=60)


@pytest.mark.parametrize(
    "pattern", ["(?=a)", "(?!a)", "(?P<x>a)", r"(a)\1", r"\b", r"\Z", "^a", "a$", "a+?", "a*+", "(?i)a"]
)
def test_what_other_languages_read_differently_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern):
        check_pattern(pattern, max_length=20)


@pytest.mark.parametrize("pattern", ["(", ")", "[", "a{3,1}", "*", "\\"])
def test_what_is_no_expression_is_refused(pattern: str) -> None:
    with pytest.raises(UnusablePattern, match="is not a regular expression"):
        check_pattern(pattern, max_length=20)


@pytest.mark.parametrize("pattern", [".*.*x", "a?" * 16 + "b", "(a{0,30}b){3}", "((a|b)?){9}x"])
def test_the_slowest_pattern_that_is_accepted_ends(pattern: str) -> None:
    check_pattern(pattern, max_length=200)
    assert not pattern_matches(pattern, "a" * 200)
    assert MOST_WAYS < 1_000_000
