"""A ledger table in memory, and one of DynamoDB simulated by moto for what calls DynamoDB itself."""

from __future__ import annotations

import boto3
import pytest

from shared.aws.dynamodb import DynamoDBTable
from tests.support.clock import Clock
from tests.support.memory_table import MemoryTable
from tests.support.simulated_aws import create_ledger, simulate_aws


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def dynamodb_table(monkeypatch: pytest.MonkeyPatch) -> DynamoDBTable:
    simulate_aws(monkeypatch)
    dynamodb = boto3.client("dynamodb")
    return DynamoDBTable(create_ledger(dynamodb), dynamodb)


@pytest.fixture
def clock() -> Clock:
    return Clock()
