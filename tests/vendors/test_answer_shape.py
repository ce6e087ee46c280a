"""The shape of an answer that `relay check --live` prints: names and types, never a value."""

from __future__ import annotations

from typing import Any

import pytest

from shared.vendors.answer_shape import shape_of


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (
            {"total": 1, "ok": True, "next": None, "name": "Ann"},
            "{total: number, ok: true/false, next: null, name: text}",
        ),
        ([], "[]"),
        (["a", "b", 1], "[text or number]"),
        ({"items": [{"id": 1}, {"id": 2, "email": "ann@example.com"}]}, "{items: [{id: number, email: text}]}"),
        ([{"name": None}, {"name": "Ann"}], "[{name: text}]"),
        (None, "null"),
    ],
)
def test_a_shape_has_names_and_types(answer: Any, shape: str) -> None:
    assert shape_of(answer) == shape


@pytest.mark.parametrize("key", ["ann@example.com", "+12025550143", "12025550143", "Ann Lee", "", "\x1b[2J"])
def test_a_name_that_may_be_a_persons_is_not_shown(key: str) -> None:
    assert shape_of({key: {"id": 1}}) == "{…: {id: number}}"


def test_an_answer_without_end_has_a_short_shape() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = [{"inner": deep}]

    assert len(shape_of(deep)) < 100
    assert len(shape_of({f"name{number}": 1 for number in range(5000)})) < 1500
