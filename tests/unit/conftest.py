"""A ledger table simulated by moto, for the modules that keep something in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from shared.aws.dynamodb import from_item
from tests.support.clock import Clock
from tests.support.simulated_aws import create_ledger, dynamodb_client, simulated_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Table:
    """An empty ledger."""

    client: DynamoDBClient
    name: str

    def item(self, key: str) -> dict[str, Any]:
        answer = self.client.get_item(TableName=self.name, Key={"id": {"S": key}}, ConsistentRead=True)
        return from_item(answer.get("Item", {}))


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with simulated_aws(monkeypatch):
        client = dynamodb_client()
        yield Table(client, create_ledger(client))


@pytest.fixture
def clock() -> Clock:
    return Clock()
