"""DynamoDB items as plain dictionaries, and its failures as ours. The only place that translates DynamoDB's errors."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import LedgerUnavailable

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """A conditional write did not hold; `item` is what stands there, where DynamoDB returned it."""

    def __init__(self, item: dict[str, Any]) -> None:
        self.item = item
        super().__init__("condition failed")


@contextmanager
def translated() -> Generator[None]:
    """Raise `ConditionFailed` or `LedgerUnavailable` instead of botocore's errors."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(from_item(error.response.get("Item", {}))) from None  # type: ignore[arg-type]
        raise LedgerUnavailable(f"DynamoDB answered {code}") from None
    except BotoCoreError as error:
        raise LedgerUnavailable(f"DynamoDB: {type(error).__name__}") from None


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` in DynamoDB's typed form."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as plain values; numbers come back as int."""
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
