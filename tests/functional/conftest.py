"""A relay per test: in one process, with simulated AWS services and twins of the vendors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import boto3
import pytest

from shared.ledger.rate_limit import RateLimit
from tests.support.certificates import one_certificate, trusts_little
from tests.support.circuit_counters import forget_circuits
from tests.support.clock import Clock
from tests.support.relay import Relay
from tests.support.simulated_aws import create_ledger, simulate_aws

__all__ = ["one_certificate", "trusts_little"]


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusts_little: None) -> Iterator[Relay]:
    """A deployment of this test's own, so that nothing is cached from another; its forms folder is empty."""
    forms = tmp_path / "forms"
    forms.mkdir()
    environment = {
        "FORMS_DIR": str(forms),
        "SECRET_PREFIX": "signup-relay/",
        "DELIVERY_BUDGET_SECONDS": "10",
        "RETRY_BASE_SECONDS": "1",
        "CIRCUIT_RECOVERY_SECONDS": "1",
        "POWERTOOLS_SERVICE_NAME": "relay",
    }
    forget_circuits(monkeypatch)
    # Limits count by the clock's minutes, hours and days: none of them ends in the middle of a test.
    monkeypatch.setattr("shared.composition.RateLimit", partial(RateLimit, wall_clock=Clock()))
    simulate_aws(monkeypatch)
    sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")
    relay = Relay(
        dynamodb=dynamodb,
        sqs=sqs,
        secrets=boto3.client("secretsmanager"),
        table=create_ledger(dynamodb),
        retry_queue=sqs.create_queue(QueueName="retry")["QueueUrl"],
        dead_letters=sqs.create_queue(QueueName="dead-letters")["QueueUrl"],
        forms=forms,
    )
    environment |= {
        "LEDGER_TABLE": relay.table,
        "RETRY_QUEUE_URL": relay.retry_queue,
        "DEAD_LETTER_QUEUE_URL": relay.dead_letters,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    relay.secret("ledger-key", {"key": "a-key-of-the-tests"})
    yield relay
    relay.stop()
