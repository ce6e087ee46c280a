"""A ledger table simulated by moto, for the modules that keep something in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from shared.aws.dynamodb import from_item
from tests.support.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)


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
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        client = boto3.client("dynamodb")
        name = f"ledger-{next(_NUMBERS)}"
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Table(client, name)


@pytest.fixture
def clock() -> Clock:
    return Clock()
