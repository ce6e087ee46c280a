"""boto3's clients as the functions use them: short timeouts, one repeat, and failing at once after a call hung."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from shared.aws.fail_fast import AWS_CALLS, FailFast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


def dynamodb() -> DynamoDBClient:
    """Return a client of the ledger's service."""
    client = boto3.client("dynamodb", config=AWS_CALLS)
    FailFast().watch(client)
    return client


def secrets_manager() -> SecretsManagerClient:
    """Return a client of the secrets' service."""
    client = boto3.client("secretsmanager", config=AWS_CALLS)
    FailFast().watch(client)
    return client


def sqs() -> SQSClient:
    """Return a client of the queues' service. It is asked even after it hung: it is where a sign-up is safe."""
    return boto3.client("sqs", config=AWS_CALLS)
