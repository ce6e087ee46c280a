"""Building the adapters from settings: AWS clients that fail fast, one HTTP client, one TLS context."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from shared.aws import clients
from shared.aws.dynamodb import DynamoDBTable
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from shared.aws.secrets import Secrets
from shared.delivery.circuit import Circuits
from shared.delivery.deliver import Delivery
from shared.delivery.gatekeeper import Gatekeeper
from shared.delivery.outcome_for import health_of
from shared.http.deadline_transport import DeadlineTransport
from shared.http.vendor_http import VendorHttp
from shared.ledger.consents import Consents
from shared.ledger.gates import Gates
from shared.ledger.leases import Leases
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import RateLimit
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.settings import Settings

ENQUEUE_RESERVE_SECONDS = LONGEST_CALL_SECONDS + 1.0
"""Time kept for SQS and for the answer. Vendors never get it."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """Everything outside the process, ready to use."""

    table: DynamoDBTable
    secrets: Secrets
    hasher: PersonHasher
    gates: Gates
    consents: Consents
    rate_limit: RateLimit
    delivery: Delivery
    queues: Queues


def build_adapters(settings: Settings) -> Adapters:
    """Build once per environment; opens no connection yet."""
    table = DynamoDBTable(settings.ledger_table, clients.dynamodb())
    provider = SecretsProvider(boto3_client=clients.secrets_manager())
    secrets = Secrets(provider, settings.secret_prefix)
    hasher = PersonHasher(Secrets(provider, prefix=""), settings.ledger_key)
    rate_limit = RateLimit(table)
    gates = Gates(table, hasher)
    delivery = Delivery(
        gatekeeper=Gatekeeper(gates, secrets),
        leases=Leases(table, settings.search_lag_seconds),
        hasher=hasher,
        circuits=Circuits(gates, settings.circuit_failure_threshold, settings.circuit_recovery_seconds, health_of),
        rate_limit=rate_limit,
        http=VendorHttp(DeadlineTransport(ssl.create_default_context())),
        search_lag=settings.search_lag_seconds,
    )
    return Adapters(
        table=table,
        secrets=secrets,
        hasher=hasher,
        gates=gates,
        consents=Consents(table, hasher, settings.consent_retention_days),
        rate_limit=rate_limit,
        delivery=delivery,
        queues=Queues(clients.sqs(), settings.retry_queue_url, settings.dead_letter_queue_url),
    )


def retry_policy(settings: Settings) -> RetryPolicy:
    """Return the schedule that the settings describe."""
    return RetryPolicy(
        base=settings.retry_base_seconds,
        longest=settings.retry_max_seconds,
        max_age=settings.retry_max_age_seconds,
        retention=settings.queue_retention_seconds,
    )
