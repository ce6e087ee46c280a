"""Building the adapters from settings: AWS clients that fail fast, one HTTP client, one TLS context."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import httpx
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from shared.circuit import Circuits
from shared.consents import Consents
from shared.credentials import Holds
from shared.delivery import Delivery
from shared.http import VendorHttp
from shared.ledger import Ledger
from shared.people import People
from shared.queues import Queues
from shared.retry_policy import RetryPolicy
from shared.secrets import Secrets
from shared.settings import Settings
from shared.transport import DeadlineTransport

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AWS_CALLS = Config(
    connect_timeout=1,
    read_timeout=1.5,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=50,
)
"""In one region these services answer in milliseconds; botocore's 60 seconds would outlast the caller."""

ENQUEUE_RESERVE_SECONDS = 5.0
"""Time kept for SQS and for the answer: two attempts of the above. Vendors never get it."""


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
    dynamodb = boto3.client("dynamodb", config=AWS_CALLS)
    sqs = boto3.client("sqs", config=AWS_CALLS)
    secrets = Secrets(SecretsProvider(boto_config=AWS_CALLS), settings.secret_prefix)
    people = People(secrets)
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
        http=VendorHttp(httpx.Client(transport=DeadlineTransport(ssl.create_default_context()))),
        search_lag=settings.search_lag_seconds,
        circuit_recovery=settings.circuit_recovery_seconds,
    )
    queues = Queues(sqs, settings.retry_queue_url, settings.dead_letter_queue_url)
    return Adapters(delivery, queues, dynamodb, people, secrets)


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return the schedule that the settings describe."""
    return RetryPolicy(
        base=settings.retry_base_seconds,
        longest=settings.retry_max_seconds,
        max_age=settings.retry_max_age_seconds,
        retention=settings.queue_retention_seconds,
    )
