"""The ledger table in memory. Refuses what DynamoDB refuses, works off one call at a time, and may lose answers."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from boto3.dynamodb.conditions import Attr, ConditionBase

from shared.aws.dynamodb import Change, ConditionFailed, Item
from shared.errors import Defect, LedgerUnavailable
from tests.simulate.faults import Point
from tests.simulate.plan import Fault

R = TypeVar("R")
_MISSING = object()
CALL_SECONDS = 0.005


class Environment(Protocol):
    """The process that makes a call: it may be interrupted there, or die."""

    def point(self, point: Point, seconds: float) -> Fault | None: ...

    def die(self) -> None: ...


class MemoryTable:
    """What all environments share: the stored items."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def update(self, key: str, change: Change, condition: ConditionBase | None) -> Item:
        old = self.items.get(key, {})
        if condition is not None and not holds(condition, old):
            raise ConditionFailed(copied(old))
        new = copied(old)
        for name, value in change.set.items():
            _set(new, name, copied(value))
        for name, source in change.copy.items():
            new[name] = copied(old.get(source))
        for name, value in change.add.items():
            new[name] = new.get(name, set()) | value if isinstance(value, set) else new.get(name, 0) + value
        for name in change.remove:
            _remove(new, name)
        self.items[key] = {**new, "id": key}
        stored: Item = copied(self.items[key])
        return stored


class TableView:
    """The table as one environment sees it: implements `shared.aws.dynamodb.Table`."""

    def __init__(self, table: MemoryTable, environment: Environment) -> None:
        self._table = table
        self._environment = environment

    def get(self, key: str) -> Item | None:
        found: Item | None = self._call(lambda: copied(self._table.items.get(key)))
        return found

    def get_many(self, keys: Iterable[str]) -> dict[str, Item]:
        wanted = list(keys)
        return self._call(lambda: {key: copied(self._table.items[key]) for key in wanted if key in self._table.items})

    def put(self, item: Item) -> None:
        self._call(lambda: self._table.items.update({item["id"]: copied(item)}))

    def update(self, key: str, change: Change, condition: ConditionBase | None = None) -> Item:
        return self._call(lambda: self._table.update(key, change, condition))

    def delete(self, key: str, condition: ConditionBase | None = None) -> None:
        raise NotImplementedError("no delivery deletes")

    def scan(self, condition: ConditionBase) -> Iterator[Item]:
        raise NotImplementedError("no delivery reads the whole table")

    def _call(self, call: Callable[[], R]) -> R:
        fault = self._environment.point("table", CALL_SECONDS)
        kind = fault.kind if fault else ""
        if kind == "no answer":
            raise LedgerUnavailable("no answer")
        if kind in ("lost answer", "repeated"):
            with contextlib.suppress(ConditionFailed):
                call()
        if kind == "lost answer":
            raise LedgerUnavailable("answer lost")
        result = call()
        if kind == "crash after":
            self._environment.die()
        return result


def copied(value: Any) -> Any:
    """Return a deep copy of what DynamoDB can store; raises for what it cannot."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    if isinstance(value, set | frozenset) and value:
        return set(value)
    raise TypeError(f"DynamoDB stores no such value: {type(value).__name__}")


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": operator.eq, "<": operator.lt, "<=": operator.le}


def holds(condition: ConditionBase, item: Item) -> bool:
    """Whether a condition holds for an item, as DynamoDB evaluates it."""
    expression = condition.get_expression()
    name, values = expression["operator"], expression["values"]
    if name == "AND":
        return all(holds(value, item) for value in values)
    if name == "OR":
        return any(holds(value, item) for value in values)
    found = _value(values[0], item)
    if name == "attribute_not_exists":
        return found is _MISSING
    if name == "attribute_exists":
        return found is not _MISSING
    wanted = values[1]
    comparable = found is not _MISSING and type(found) is type(wanted)
    return comparable and _COMPARE[name](found, wanted)


def _value(attribute: Attr, item: Item) -> Any:
    value: Any = item
    for part in attribute.name.split("."):
        value = value.get(part, _MISSING) if isinstance(value, dict) else _MISSING
    return value


def _set(item: Item, path: str, value: Any) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        if not isinstance(item.get(parent), dict):
            raise Defect("DynamoDB calls our request invalid")
        item = item[parent]
    item[name] = value


def _remove(item: Item, path: str) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        item = item.get(parent) or {}
    item.pop(name, None)
