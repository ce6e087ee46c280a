"""The ledger's table in memory: what DynamoDB does, without its time. The same tests are run against both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import AttributeBase, ConditionBase

from shared.aws.dynamodb import Change, ConditionFailed, Item, from_item, to_item
from shared.errors import Defect

MAX_ITEM_BYTES = 400 * 1024
"""DynamoDB's bound ("Service, account, and table quotas in Amazon DynamoDB")."""

_MISSING = object()

_OPERATORS: Mapping[str, Callable[..., bool]] = {
    "=": lambda value, other: value is not _MISSING and type(value) is type(other) and value == other,
    "<>": lambda value, other: value is _MISSING or value != other,
    "<": lambda value, other: _comparable(value, other) and value < other,
    "<=": lambda value, other: _comparable(value, other) and value <= other,
    ">": lambda value, other: _comparable(value, other) and value > other,
    ">=": lambda value, other: _comparable(value, other) and value >= other,
    "begins_with": lambda value, start: isinstance(value, str) and value.startswith(start),
    "contains": lambda value, part: isinstance(value, str | set | list) and part in value,
    "attribute_exists": lambda value: value is not _MISSING,
    "attribute_not_exists": lambda value: value is _MISSING,
}


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


class MemoryTable:
    """A `Table` whose updates are atomic; it refuses what DynamoDB would refuse.

    `before_update` is called ahead of every update, outside the lock, for a test that wants something to happen there.
    """

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._lock = threading.RLock()
        self.calls: list[str] = []
        self.before_update: Callable[[str], object] = lambda key: None

    def get(self, key: str) -> Item | None:
        """See `shared.aws.dynamodb.Table`."""
        with self._lock:
            self.calls.append(f"get {key}")
            found = self._items.get(key)
            return None if found is None else copied(found)

    def get_many(self, keys: Iterable[str]) -> dict[str, Item]:
        """See `shared.aws.dynamodb.Table`."""
        with self._lock:
            wanted = list(keys)
            self.calls.append(f"get {', '.join(wanted)}")
            return {key: copied(self._items[key]) for key in wanted if key in self._items}

    def put(self, item: Item) -> None:
        """See `shared.aws.dynamodb.Table`."""
        with self._lock:
            self.calls.append(f"put {item['id']}")
            self._items[item["id"]] = _storable(item)

    def update(self, key: str, change: Change, condition: ConditionBase | None = None) -> Item:
        """See `shared.aws.dynamodb.Table`."""
        self.before_update(key)
        with self._lock:
            self.calls.append(f"update {key}")
            before = self._checked(key, condition)
            after = _storable(changed({"id": key, **before}, change))
            self._items[key] = after
            return copied(after)

    def delete(self, key: str, condition: ConditionBase | None = None) -> None:
        """See `shared.aws.dynamodb.Table`."""
        with self._lock:
            self.calls.append(f"delete {key}")
            self._checked(key, condition)
            self._items.pop(key, None)

    def scan(self, condition: ConditionBase) -> Iterator[Item]:
        """See `shared.aws.dynamodb.Table`."""
        with self._lock:
            found = [copied(item) for item in self._items.values() if holds(condition, item)]
        yield from found

    def kill_at_next_update(self) -> None:
        """Let the process die before its next update; `revive` ends that."""

        def die(key: str) -> None:
            raise Killed

        self.before_update = die

    def revive(self) -> None:
        """Let another process go on with the table."""
        self.before_update = lambda key: None

    def items(self, prefix: str = "") -> list[Item]:
        """Return what the table holds under ids that start so, without counting as a call."""
        with self._lock:
            return [copied(item) for key, item in sorted(self._items.items()) if key.startswith(prefix)]

    def item(self, key: str) -> Item:
        """Return one item, empty if there is none, without counting as a call."""
        with self._lock:
            return copied(self._items.get(key, {}))

    def _checked(self, key: str, condition: ConditionBase | None) -> Item:
        item = self._items.get(key, {})
        if condition is not None and not holds(condition, item):
            raise ConditionFailed(copied(item))
        return item


def copied(item: Item) -> Item:
    """Return a deep copy of an item; raises `TypeError` for what DynamoDB cannot store."""
    return {name: _copied(value) for name, value in item.items()}


def _copied(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | Decimal):
        return value
    if isinstance(value, dict):
        return copied(value)
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return set(value)
    raise TypeError(f"DynamoDB stores no such value: {type(value).__name__}")


def holds(condition: ConditionBase, item: Item) -> bool:
    """Whether a condition of boto3's holds for an item."""
    expression = condition.get_expression()
    operator, operands = expression["operator"], expression["values"]
    if operator == "AND":
        return all(holds(each, item) for each in operands)
    if operator == "OR":
        return any(holds(each, item) for each in operands)
    if operator == "NOT":
        return not holds(operands[0], item)
    return _OPERATORS[operator](*(_value(operand, item) for operand in operands))


def _value(operand: Any, item: Item) -> Any:
    return _at(item, operand.name) if isinstance(operand, AttributeBase) else operand


def _at(item: Item, path: str) -> Any:
    found: Any = item
    for name in path.split("."):
        if not isinstance(found, dict) or name not in found:
            return _MISSING
        found = found[name]
    return found


def _comparable(value: Any, other: Any) -> bool:
    return type(value) is type(other) and isinstance(value, int | str)


def changed(before: Item, change: Change) -> Item:
    """Return the item as it is after an update.

    Raises:
        Defect: DynamoDB would refuse the update.
    """
    after = copied(before)
    for path, value in change.set.items():
        _parent(after, path)[_last(path)] = value
    for path, source in change.copy.items():
        value = _at(before, source)
        _parent(after, path)[_last(path)] = None if value is _MISSING else value
    for path, value in change.add.items():
        known = _at(before, path)
        _parent(after, path)[_last(path)] = value if known is _MISSING else _sum(known, value)
    for path in change.remove:
        if _at(after, path) is not _MISSING:
            del _parent(after, path)[_last(path)]
    return after


def _sum(known: Any, value: Any) -> Any:
    return known | value if isinstance(known, set) else known + value


def _parent(item: Item, path: str) -> Item:
    *parents, _ = path.split(".")
    found = _at(item, ".".join(parents)) if parents else item
    if not isinstance(found, dict):
        raise Defect("DynamoDB calls our request invalid")
    return found


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _storable(item: Item) -> Item:
    try:
        typed = to_item(item)
    except TypeError:
        raise Defect("DynamoDB calls our request invalid") from None
    if (
        _has_empty_set(typed)
        or sum(len(name.encode()) + _size(value) for name, value in typed.items()) > MAX_ITEM_BYTES
    ):
        raise Defect("DynamoDB calls our request invalid")
    return from_item(typed)


def _has_empty_set(value: Any) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, list) and any(map(_has_empty_set, value))
    return any((kind in ("SS", "NS", "BS") and not inner) or _has_empty_set(inner) for kind, inner in value.items())


def _size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + _size(inner) for inner in value)
    if kind in ("SS", "NS"):
        return sum(len(text.encode()) for text in value)
    return len(value.encode()) if isinstance(value, str) else 1
