"""Building the adapters from settings: AWS clients that fail fast, one HTTP client, one TLS context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from shared.aws.fail_fast import AWS_CALLS, LONGEST_CALL_SECONDS, Impatience
from shared.aws.secrets import Secrets
from shared.delivery.circuit import Circuits
from shared.delivery.deliver import Delivery
from shared.http.deadline_transport import deadline_client
from shared.http.vendor_http import VendorHttp
from shared.ledger.consents import Consents
from shared.ledger.holds import Holds
from shared.ledger.leases import Ledger
from shared.ledger.person_hashing import People
from shared.ledger.rate_limit import RateLimit
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENQUEUE_RESERVE_SECONDS = LONGEST_CALL_SECONDS + 1.0
"""Time kept for SQS and for the answer. Vendors never get it."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything outside the process, ready to use."""

    delivery: Delivery
    queues: Queues
    dynamodb: DynamoDBClient
    people: People
    secrets: Secrets


def build_adapters(settings: Settings) -> Adapters:
    """Build once per environment; opens no connection yet."""
    dynamodb = _dynamodb()
    sqs = boto3.client("sqs", config=AWS_CALLS)
    provider = _secrets_provider()
    secrets = Secrets(provider, settings.secret_prefix)
    people = People(Secrets(provider, prefix=""), settings.ledger_key)
    delivery = Delivery(
        ledger=Ledger(dynamodb, settings.ledger_table),
        people=people,
        consents=Consents(dynamodb, settings.ledger_table, people, settings.consent_retention_days),
        circuits=Circuits(
            CircuitBreakerDynamoDBPersistence(settings.ledger_table, boto3_client=dynamodb),
            settings.circuit_failure_threshold,
            settings.circuit_recovery_seconds,
        ),
        holds=Holds(dynamodb, settings.ledger_table, people),
        secrets=secrets,
        rate_limit=RateLimit(dynamodb, settings.ledger_table),
        http=VendorHttp(deadline_client()),
        search_lag=settings.search_lag_seconds,
        circuit_recovery=settings.circuit_recovery_seconds,
    )
    queues = Queues(sqs, settings.retry_queue_url, settings.dead_letter_queue_url)
    return Adapters(delivery, queues, dynamodb, people, secrets)


def _dynamodb() -> DynamoDBClient:
    client = boto3.client("dynamodb", config=AWS_CALLS)
    Impatience().watch(client)
    return client


def _secrets_provider() -> SecretsProvider:
    client = boto3.client("secretsmanager", config=AWS_CALLS)
    Impatience().watch(client)
    return SecretsProvider(boto3_client=client)


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return the schedule that the settings describe."""
    return RetryPolicy(
        base=settings.retry_base_seconds,
        longest=settings.retry_max_seconds,
        max_age=settings.retry_max_age_seconds,
        retention=settings.queue_retention_seconds,
    )
