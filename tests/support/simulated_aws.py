"""AWS simulated by moto inside this process, one call at a time: its writes are not atomic under threads."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.loaders
import pytest
from botocore import handlers
from moto import mock_aws
from moto.core.models import MockAWS, botocore_stubber
from moto.sqs import models as sqs_models

from tests.support import dynamodb_calls, lost_answers, outages  # noqa: F401  they register themselves before the first client exists
from tests.support.aws_clients import keep_clients

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NUMBERS = itertools.count(1)

# To find and read the services' descriptions takes longer than most tests: a process does it once.
_kept_loader = cache(botocore.loaders.create_loader)
one_at_a_time = threading.Lock()
"""Held during each call."""


class _QueuesClock:
    """SQS's time, which tests let pass rather than wait."""

    def __init__(self) -> None:
        self._seconds_ahead = 0.0

    def __call__(self) -> float:
        return (time.time() + self._seconds_ahead) * 1000

    def start(self) -> None:
        self._seconds_ahead = 0.0

    def advance(self, seconds: float) -> None:
        self._seconds_ahead += seconds

    @contextmanager
    def seen_in(self, seconds: float) -> Iterator[None]:
        """Show the queues as they will be then; until the block's end no call is answered."""
        with one_at_a_time:
            self.advance(seconds)
            yield
            self.advance(-seconds)


queues_clock = _QueuesClock()
pytest.MonkeyPatch().setattr(sqs_models, "unix_time_millis", queues_clock)


def _answer(**call: Any) -> Any:
    with one_at_a_time:
        return botocore_stubber(**call)


handlers.BUILTIN_HANDLERS.remove(("before-send", botocore_stubber))
handlers.BUILTIN_HANDLERS.append(("before-send", _answer))


def simulate_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every AWS client that this test makes meet moto, which knows nothing of an earlier test."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("botocore.session.create_loader", _kept_loader)
    _moto().reset()
    queues_clock.start()
    keep_clients(monkeypatch)


@cache
def _moto() -> MockAWS:
    """Start moto for the rest of this process: it takes longer to start than to forget everything."""
    moto = mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": False}})
    moto.start()
    return moto


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
