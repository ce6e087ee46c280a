"""A relay per test: in one process, with simulated AWS services and twins of the vendors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support import lost_answers, outages  # noqa: F401  they register themselves before the first client exists
from tests.support.relay import Relay

_NUMBERS = itertools.count(1)

# A session that is kept has read the services' descriptions already: a tenth of a second for each test.
_KEPT_SESSION: Any = {"core": {"mock_credentials": True, "reset_boto3_session": False}}


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """A deployment of this test's own, so that nothing is cached from another; its forms folder is empty."""
    table, forms = f"ledger-{next(_NUMBERS)}", tmp_path / "forms"
    forms.mkdir()
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FORMS_DIR": str(forms),
        "LEDGER_TABLE": table,
        "SECRET_PREFIX": "signup-relay/",
        "DELIVERY_BUDGET_SECONDS": "3",
        "RETRY_BASE_SECONDS": "1",
        "CIRCUIT_RECOVERY_SECONDS": "1",
        "POWERTOOLS_SERVICE_NAME": "relay",
    }
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws(config=_KEPT_SESSION):
        sqs = boto3.client("sqs")
        dynamodb = boto3.client("dynamodb")
        relay = Relay(
            dynamodb=dynamodb,
            sqs=sqs,
            secrets=boto3.client("secretsmanager"),
            table=table,
            retry_queue=sqs.create_queue(QueueName="retry")["QueueUrl"],
            dead_letters=sqs.create_queue(QueueName="dead-letters")["QueueUrl"],
            forms=forms,
        )
        monkeypatch.setenv("RETRY_QUEUE_URL", relay.retry_queue)
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", relay.dead_letters)
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        relay.secret("ledger-key", {"key": "a-key-of-the-tests"})
        yield relay
        relay.stop()
