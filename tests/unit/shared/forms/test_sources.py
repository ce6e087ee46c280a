"""`source`: JMESPath with two functions more, and mistakes told when the form loads."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.forms.sources import check_source, value_at

OPTIONS = [{"id": "a", "text": "Events"}, {"id": "b", "text": "Jobs"}, {"id": "c", "text": "Trials"}, "noise"]


@pytest.mark.parametrize(
    ("source", "data", "found"),
    [
        ("split(a, ';')", {"a": "one;two words ; three"}, ["one", "two words", "three"]),
        ("split(a, ';')", {"a": "one"}, ["one"]),
        ("split(a, '')", {"a": "one"}, ["one"]),
        ("split(a, ';')", {}, None),
        ("split(a, ';')", {"a": 7}, None),
        ("option_texts(v, o)", {"v": ["c", "a"], "o": OPTIONS}, ["Events", "Trials"]),
        ("option_texts(v, o)", {"v": "b", "o": OPTIONS}, ["Jobs"]),
        ("option_texts(v, o)", {"v": ["z"], "o": OPTIONS}, []),
        ("option_texts(v, o)", {"o": OPTIONS}, []),
        ("option_texts(v, o)", {"v": ["a"]}, None),
        ("option_texts(v, o)", {"v": {"a": 1}, "o": "Events"}, None),
        ("join(', ', a)", {"a": "one"}, None),
        ("a.b", {"a": [1]}, None),
    ],
)
def test_a_source_finds_its_value_or_nothing(source: str, data: Any, found: Any) -> None:
    assert check_source(source) == source
    assert value_at(source, data) == found


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a[", "is not a JMESPath expression"),
        ("lenth(a)", 'calls lenth(), which JMESPath does not have; did you mean "length"?'),
        ("a[?b == 'x'].{c: sorted(d)}", 'calls sorted(), which JMESPath does not have; did you mean "sort"?'),
        ("length(a, b)", "calls length() with 2 arguments; it takes 1"),
        ("a | [0].join(',')", "calls join() with 1 arguments; it takes 2"),
    ],
)
def test_a_mistake_is_told_when_the_form_loads(source: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        check_source(source)


@pytest.mark.parametrize("source", ["not_null(a, b, c)", "merge(a, b)", "sort_by(a, &b)", "map(&a, b)"])
def test_what_jmespath_has_is_taken(source: str) -> None:
    assert check_source(source) == source
