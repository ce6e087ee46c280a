"""AWS simulated by moto inside this process. Its conditional writes are not atomic under threads: see `local_aws`."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.loaders
import pytest
from moto import mock_aws

from tests.support import dynamodb_calls, lost_answers, outages  # noqa: F401  they register themselves before the first client exists

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)

# To find and read the services' descriptions takes longer than most tests: a process does it once.
_kept_loader = cache(botocore.loaders.create_loader)
_KEPT_SESSION: Any = {"core": {"mock_credentials": True, "reset_boto3_session": False}}


@contextmanager
def simulated_aws(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let every AWS client made inside the block meet moto; nothing outlives it."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("botocore.session.create_loader", _kept_loader)
    with mock_aws(config=_KEPT_SESSION):
        yield


def create_ledger(client: DynamoDBClient, name: str | None = None) -> str:
    """Create an empty ledger table and return its name."""
    name = name or f"ledger-{next(_NUMBERS)}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@cache
def client(service: str) -> Any:
    """Return this process's client of whatever answers for a service: to make one takes longer than many a test."""
    return boto3.client(service)  # type: ignore[call-overload]
