"""The table in memory does what DynamoDB does: the same cases for both."""

from __future__ import annotations

import pytest
from boto3.dynamodb.conditions import Attr

from shared.aws.dynamodb import Change, ConditionFailed, DynamoDBTable, Table, absent
from shared.errors import Defect
from tests.support.memory_table import MAX_ITEM_BYTES, MemoryTable


@pytest.fixture(params=["memory", "dynamodb"])
def any_table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    table: DynamoDBTable = request.getfixturevalue("dynamodb_table")
    return table


def test_an_item_comes_back_as_it_was_put(any_table: Table) -> None:
    item = {"id": "a", "n": 5, "text": "é", "map": {"x": [1, None, True]}, "people": {"p", "q"}}
    any_table.put(item)
    assert any_table.get("a") == item
    assert any_table.get("b") is None
    assert any_table.get_many(["a", "b"]) == {"a": item}
    assert any_table.get_many([]) == {}


def test_an_update_sets_adds_copies_and_removes_at_once(any_table: Table) -> None:
    any_table.put({"id": "a", "n": 1, "people": {"p"}, "old": "x", "counts": {"s-1": 1, "s-2": 2}})
    change = Change(
        set={"new": {"y": 1}},
        add={"n": 2, "people": {"q"}},
        copy={"former": "old", "none": "gone"},
        remove=["counts.s-1"],
    )
    expected = {"id": "a", "n": 3, "people": {"p", "q"}, "old": "x", "counts": {"s-2": 2}, "new": {"y": 1}}
    assert any_table.update("a", change) == {**expected, "former": "x", "none": None}
    assert any_table.get("a") == {**expected, "former": "x", "none": None}


def test_an_update_makes_the_item_that_is_not_there(any_table: Table) -> None:
    assert any_table.update("a", Change(add={"n": 1, "people": {"p"}})) == {"id": "a", "n": 1, "people": {"p"}}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (absent("gone"), True),
        (absent("n"), False),
        (Attr("n").exists(), True),
        (Attr("n").eq(5), True),
        (Attr("n").eq("5"), False),
        (Attr("gone").eq(5), False),
        (Attr("n").lt(6) & Attr("n").gte(5), True),
        (Attr("gone").lt(6), False),
        (Attr("n").lt(5) | Attr("map.x").eq("y"), True),
        (Attr("map.gone").exists(), False),
        (~Attr("n").eq(5), False),
        (Attr("n").ne(4), True),
        (Attr("people").contains("p"), True),
        (Attr("people").contains("q"), False),
        (Attr("text").begins_with("ab"), True),
    ],
)
def test_a_condition_lets_an_update_through_or_tells_what_is_there(
    any_table: Table, condition: object, holds: bool
) -> None:
    item = {"id": "a", "n": 5, "map": {"x": "y"}, "people": {"p"}, "text": "abc"}
    any_table.put(item)
    if holds:
        assert any_table.update("a", Change(set={"m": 1}), condition) == {**item, "m": 1}  # type: ignore[arg-type]
        return
    with pytest.raises(ConditionFailed) as failed:
        any_table.update("a", Change(set={"m": 1}), condition)  # type: ignore[arg-type]
    assert failed.value.item == item
    assert any_table.get("a") == item


def test_a_condition_that_fails_on_nothing_tells_of_nothing(any_table: Table) -> None:
    with pytest.raises(ConditionFailed) as failed:
        any_table.update("a", Change(set={"m": 1}), Attr("n").exists())
    assert failed.value.item == {}
    assert any_table.get("a") is None


def test_a_delete_heeds_its_condition(any_table: Table) -> None:
    any_table.put({"id": "a", "n": 5})
    with pytest.raises(ConditionFailed):
        any_table.delete("a", Attr("n").eq(4))
    any_table.delete("a", Attr("n").eq(5))
    any_table.delete("a")
    assert any_table.get("a") is None


def test_a_scan_finds_what_meets_the_condition(any_table: Table) -> None:
    for key in ("person#1", "person#2", "gate#1"):
        any_table.put({"id": key})
    assert sorted(item["id"] for item in any_table.scan(Attr("id").begins_with("person#"))) == ["person#1", "person#2"]


@pytest.mark.parametrize(
    "change",
    [
        Change(set={"text": "x" * MAX_ITEM_BYTES}),
        Change(set={"people": {f"{number:032x}" for number in range(13_600)}}),
        Change(set={"nowhere.n": 1}),
    ],
    ids=["a long text", "a large set", "a map that is not there"],
)
def test_what_dynamodb_calls_invalid_is_a_defect_and_changes_nothing(any_table: Table, change: Change) -> None:
    any_table.put({"id": "a"})
    with pytest.raises(Defect):
        any_table.update("a", change)
    assert any_table.get("a") == {"id": "a"}
