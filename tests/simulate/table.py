"""The ledger table in memory. Refuses what DynamoDB refuses, works off one call at a time, and may lose answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from boto3.dynamodb.conditions import ConditionBase

from shared.aws.dynamodb import Change, ConditionFailed, Item
from shared.errors import LedgerUnavailable
from tests.simulate.faults import Point
from tests.simulate.plan import Fault
from tests.support.memory_table import changed, copied, holds

R = TypeVar("R")
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
        new = changed(old, change)
        self.items[key] = {**new, "id": key}
        return copied(self.items[key])


class TableView:
    """The table as one environment sees it: implements `shared.aws.dynamodb.Table`."""

    def __init__(self, table: MemoryTable, environment: Environment) -> None:
        self._table = table
        self._environment = environment

    def get(self, key: str) -> Item | None:
        return self.get_many([key]).get(key)

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
