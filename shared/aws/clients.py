"""boto3's clients as the functions use them: short timeouts, one repeat, and failing at once after a call hung."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
import botocore.session

from shared.aws.authorities import read_authorities_once
from shared.aws.fail_fast import AWS_CALLS, FailFast
from shared.aws.service_data import OurServices

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient


def dynamodb() -> DynamoDBClient:
    """Return a client of the ledger's service."""
    client = _session().client("dynamodb", config=AWS_CALLS)
    FailFast().watch(client)
    return client


def secrets_manager() -> SecretsManagerClient:
    """Return a client of the secrets' service."""
    client = _session().client("secretsmanager", config=AWS_CALLS)
    FailFast().watch(client)
    return client


def sqs() -> SQSClient:
    """Return a client of the queues' service. It is asked even after it hung: it is where a sign-up is safe."""
    return _session().client("sqs", config=AWS_CALLS)


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    read_authorities_once()
    core = botocore.session.get_session()
    core.register_component("data_loader", OurServices())
    return boto3.Session(botocore_session=core)
