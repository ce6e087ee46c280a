"""boto3's clients as the functions use them: short timeouts, one repeat, and failing at once after a call hung."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.loaders import Loader

from shared.aws.fail_fast import AWS_CALLS, FailFast

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


class _OurServices(Loader):
    """Finds the models of the services above. botocore's own first looks through the folders of all 400 services."""

    def list_available_services(self, type_name: str) -> list[str]:
        return ["dynamodb", "secretsmanager", "sqs"]


@lru_cache(maxsize=1)
def _session() -> boto3.Session:
    core = botocore.session.get_session()
    core.register_component("data_loader", _OurServices())
    return boto3.Session(botocore_session=core)
