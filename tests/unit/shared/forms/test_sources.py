"""`source`: JMESPath with two functions more, and mistakes told when the form loads."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.forms.sources import WrongKind, check_source, value_at

OPTIONS = [{"id": "a", "text": "Events"}, {"id": "b", "text": "Jobs"}, {"id": "c", "text": "Trials"}, "noise"]


@pytest.mark.parametrize(
    ("source", "data", "found"),
    [
        ("split(a, ';')", {"a": "one;two words ; three"}, ["one", "two words", "three"]),
        ("split(a, ';')", {"a": "one"}, ["one"]),
        ("split(a, '')", {"a": "one"}, ["one"]),
        ("split(a, ';')", {}, None),
        ("option_texts(v, o)", {"v": ["c", "a"], "o": OPTIONS}, ["Events", "Trials"]),
        ("option_texts(v, o)", {"v": "b", "o": OPTIONS}, ["Jobs"]),
        ("option_texts(v, o)", {"v": ["z"], "o": OPTIONS}, []),
        ("option_texts(v, o)", {"o": OPTIONS}, []),
        ("option_texts(v, o)", {"v": ["a"]}, None),
        ("join(', ', a)", {"a": ["one", None]}, None),
        ("join(', ', a)", {}, None),
        ("a.b", {"a": [1]}, None),
    ],
)
def test_a_source_finds_its_value_or_nothing(source: str, data: Any, found: Any) -> None:
    assert check_source(source) == source
    assert value_at(source, data) == found


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("split(a, ';')", {"a": 7}),
        ("join(', ', a)", {"a": "one"}),
        ("join(', ', a)", {"a": [7]}),
        ("option_texts(v, o)", {"v": ["a"], "o": "Events"}),
    ],
)
def test_a_value_of_another_kind_than_the_source_takes_is_no_silence(source: str, data: Any) -> None:
    with pytest.raises(WrongKind) as told:
        value_at(source, data)
    assert str(told.value) == ""  # it holds nothing that a visitor typed
    assert told.value.__cause__ is None


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
