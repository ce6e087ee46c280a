"""The deployed relay that a command works on, named by the same environment variables as the functions' own."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from botocore.config import Config

from shared.aws.dynamodb import DynamoDBTable
from shared.aws.secrets import Secrets
from shared.errors import ConfigurationError
from shared.forms import Forms
from shared.http.deadline_transport import DeadlineTransport
from shared.http.vendor_http import VendorHttp
from shared.ledger.person_hashing import PersonHasher
from shared.queue.queues import Queues
from shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AWS_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 4, "mode": "standard"})
"""Slower to give up than the functions' clients: a person waits, not a visitor."""

SETUP_HINT = """\
Name the deployment: `relay --stack NAME …`, or `relay --local …` for the stack of `make run`. See
docs/operations.md#before-the-first-command"""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that a command may need of a deployed relay.

    Attributes:
        poll_seconds: how long a receive waits before a queue counts as empty. 1 asks every server of SQS, 0 only a
            sample of them ("Amazon SQS short and long polling").
    """

    settings: Settings
    sqs: SQSClient
    table: DynamoDBTable
    forms: Forms
    queues: Queues
    secrets: Secrets
    hasher: PersonHasher
    poll_seconds: int = 1
    wall_clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def connect() -> Deployment:
    """Build the deployment that the environment names, without a call to AWS.

    Raises:
        ConfigurationError: names each variable that is missing or malformed.
    """
    settings = _settings()
    sqs = boto3.client("sqs", config=AWS_CONFIG)
    provider = SecretsProvider(boto3_client=boto3.client("secretsmanager", config=AWS_CONFIG))
    return Deployment(
        settings=settings,
        sqs=sqs,
        table=DynamoDBTable(settings.ledger_table, boto3.client("dynamodb", config=AWS_CONFIG)),
        forms=Forms(settings.forms_dir),
        queues=Queues(sqs, settings.retry_queue_url, settings.dead_letter_queue_url),
        secrets=Secrets(provider, settings.secret_prefix),
        hasher=PersonHasher(Secrets(provider, prefix=""), settings.ledger_key),
    )


def _settings() -> Settings:
    try:
        return Settings.from_environment(os.environ)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}\n{SETUP_HINT}") from None


@contextmanager
def vendor_http() -> Generator[VendorHttp]:
    """Yield the same HTTP client that the functions use, for commands that call a vendor."""
    with DeadlineTransport(ssl.create_default_context()) as transport:
        yield VendorHttp(transport)
