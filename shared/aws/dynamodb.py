"""One DynamoDB table, as plain items: get, put, update, delete. The only place that translates DynamoDB's errors.

An item is a `dict` of plain values with its key under `id`; numbers come back as `int`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Defect, LedgerUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
R = TypeVar("R")

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """A conditional write did not hold; `item` is what is stored there, where DynamoDB returned it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        super().__init__("condition failed")


@dataclass(frozen=True, slots=True)
class Change:
    """What an update does to an item: attributes to set, numbers and sets to add to, attributes to remove.

    A name may be a path into a map, like `failed_attempts.<submission>`.
    """

    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    remove: Iterable[str] = ()
    copy: Mapping[str, str] = field(default_factory=dict)
    """Attribute → the attribute whose value before the update it takes; `null` where that is absent."""


class Table(Protocol):
    """What the ledger needs of a table: the same for DynamoDB and for a table in memory."""

    def get(self, key: str) -> Item | None:
        """Return one item as it is now (consistent read)."""
        ...

    def get_many(self, keys: Iterable[str]) -> dict[str, Item]:
        """Return those of the items that exist, by key, in one call (consistent read)."""
        ...

    def put(self, item: Item) -> None:
        """Store an item, whatever was there."""
        ...

    def update(self, key: str, change: Change, condition: ConditionBase | None = None) -> Item:
        """Change an item, or make it; return it as it is afterwards.

        Raises:
            ConditionFailed: the condition does not hold. The client repeats a call whose answer was lost, so it may be
                our own first call that changed what the condition looks at: the error carries the item to tell by.
        """
        ...

    def delete(self, key: str, condition: ConditionBase | None = None) -> None:
        """Delete an item, if it is there."""
        ...

    def scan(self, condition: ConditionBase) -> Iterator[Item]:
        """Return every item that meets the condition; reads the whole table, so never in a function."""
        ...


class DynamoDBTable:
    """The table in DynamoDB. Every method raises `LedgerUnavailable` where DynamoDB fails or is too slow."""

    def __init__(self, name: str, client: DynamoDBClient) -> None:
        self.name = name
        self.client = client

    def get(self, key: str) -> Item | None:
        """See `Table`."""
        answer = self._call(lambda: self.client.get_item(TableName=self.name, Key=_key(key), ConsistentRead=True))
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[str]) -> dict[str, Item]:
        """See `Table`."""
        wanted = [_key(key) for key in keys]
        if not wanted:
            return {}  # DynamoDB calls an empty request invalid
        request: Any = {self.name: {"Keys": wanted, "ConsistentRead": True}}
        answer = self._call(lambda: self.client.batch_get_item(RequestItems=request))
        if answer.get("UnprocessedKeys"):
            raise LedgerUnavailable("DynamoDB left keys unprocessed")
        return {item["id"]: item for item in map(from_item, answer["Responses"].get(self.name, []))}

    def put(self, item: Item) -> None:
        """See `Table`."""
        self._call(lambda: self.client.put_item(TableName=self.name, Item=to_item(item)))

    def update(self, key: str, change: Change, condition: ConditionBase | None = None) -> Item:
        """See `Table`."""
        arguments = _Expression().update(change, condition)
        answer = self._call(
            lambda: self.client.update_item(
                TableName=self.name,
                Key=_key(key),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **arguments,
            )
        )
        return from_item(answer["Attributes"])

    def delete(self, key: str, condition: ConditionBase | None = None) -> None:
        """See `Table`."""
        self._call(
            lambda: self.client.delete_item(TableName=self.name, Key=_key(key), **_Expression().condition(condition))
        )

    def scan(self, condition: ConditionBase) -> Iterator[Item]:
        """See `Table`."""
        expression = _Expression().condition(condition)
        expression["FilterExpression"] = expression.pop("ConditionExpression")
        pages = self.client.get_paginator("scan").paginate(TableName=self.name, ConsistentRead=True, **expression)
        with translated():
            for page in pages:
                yield from map(from_item, page["Items"])

    @staticmethod
    def _call(call: Callable[[], R]) -> R:
        with translated():
            return call()


class _Expression:
    """Writes a change and a condition as DynamoDB's expressions; every name goes through a placeholder."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def update(self, change: Change, condition: ConditionBase | None) -> dict[str, Any]:
        sets = [f"{self._name(name)} = {self._value(value)}" for name, value in change.set.items()]
        sets += [
            f"{self._name(name)} = if_not_exists({self._name(source)}, {self._value(None)})"
            for name, source in change.copy.items()
        ]
        parts = {
            "SET": ", ".join(sets),
            "ADD": ", ".join(f"{self._name(name)} {self._value(value)}" for name, value in change.add.items()),
            "REMOVE": ", ".join(map(self._name, change.remove)),
        }
        expression = " ".join(f"{verb} {text}" for verb, text in parts.items() if text)
        return {"UpdateExpression": expression, **self.condition(condition)}

    def condition(self, condition: ConditionBase | None) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        if condition is not None:
            built = ConditionExpressionBuilder().build_expression(condition)
            arguments["ConditionExpression"] = built.condition_expression
            self._names |= built.attribute_name_placeholders
            self._values |= {name: _serialize(value) for name, value in built.attribute_value_placeholders.items()}
        if self._names:
            arguments["ExpressionAttributeNames"] = self._names
        if self._values:
            arguments["ExpressionAttributeValues"] = self._values
        return arguments

    def _name(self, path: str) -> str:
        placeholders = []
        for name in path.split("."):
            placeholders.append(f"#a{len(self._names)}")
            self._names[placeholders[-1]] = name
        return ".".join(placeholders)

    def _value(self, value: Any) -> str:
        placeholder = f":a{len(self._values)}"
        self._values[placeholder] = _serialize(value)
        return placeholder


@contextmanager
def translated() -> Generator[None]:
    """Raise `ConditionFailed`, `Defect` or `LedgerUnavailable` instead of botocore's errors."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(from_item(error.response.get("Item", {}))) from None  # type: ignore[arg-type]
        if code == "ValidationException":
            raise Defect("DynamoDB calls our request invalid") from None
        raise LedgerUnavailable(f"DynamoDB answered {code}") from None
    except BotoCoreError as error:
        raise LedgerUnavailable(f"DynamoDB: {type(error).__name__}") from None


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` in DynamoDB's typed form."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> Item:
    """Return an item as plain values; numbers come back as int."""
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def absent(name: str) -> ConditionBase:
    """Return the condition that an attribute is absent."""
    return Attr(name).not_exists()


def _key(key: str) -> dict[str, Any]:
    return {"id": {"S": key}}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
