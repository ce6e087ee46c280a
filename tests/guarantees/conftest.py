"""Local AWS services for a whole run, and a deployment on them for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions.retry.handler import consumer
from functions.submit.handler import application
from local.aws_services import AwsServices
from local.lambdas.lifeline import Lifeline
from local.template import REGION
from shared.settings import Settings
from tests.support.certificates import one_certificate
from tests.support.deployment import Deployment

__all__ = ["one_certificate"]

QUICK = {
    "DELIVERY_BUDGET_SECONDS": "8",
    "RETRY_BUDGET_SECONDS": "8",
    "RETRY_BASE_SECONDS": "0.2",
    "RETRY_MAX_SECONDS": "1",
    "SEARCH_LAG_SECONDS": "0.3",
    "CIRCUIT_FAILURE_THRESHOLD": "1000",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "LOG_LEVEL": "INFO",
}
"""Pauses are short, because tests wait for them; budgets are long, because a machine may be busy; no circuit opens."""

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def lifeline() -> Iterator[Lifeline]:
    line = Lifeline()
    yield line
    line.cut()


@pytest.fixture(scope="session")
def services(lifeline: Lifeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsServices]:
    folder = tmp_path_factory.mktemp("services")
    with (folder / "log").open("ab") as log:
        services = AwsServices(lifeline, log, folder)
        yield services
        services.stop()


@pytest.fixture
def deploy(
    services: AwsServices,
    lifeline: Lifeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_certificate: Path,
) -> Iterator[Callable[..., Deployment]]:
    """Make a deployment; keyword arguments are environment variables."""
    made: list[Deployment] = []
    monkeypatch.setattr("shared.vendors.esputnik.new_segments.FIRST_LOOK_SECONDS", 0.5)

    def deploy(**variables: str) -> Deployment:
        made.append(
            _deployment(services, lifeline, tmp_path, {**QUICK, "SSL_CERT_FILE": str(one_certificate), **variables})
        )
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in made[-1].environment.items():
            monkeypatch.setenv(name, value)
        return made[-1]

    yield deploy
    for deployment in made:
        settings = Settings.from_environment(deployment.environment)
        for delivery in (application(settings).signups.deliver_to_all.delivery, consumer(settings).delivery):
            delivery.http.close()
        for twin in deployment.twins.values():
            twin.stop()


@pytest.fixture
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy()


def _deployment(services: AwsServices, line: Lifeline, folder: Path, variables: dict[str, str]) -> Deployment:
    name = f"test-{os.getpid()}-{next(_NUMBERS)}"
    clients = services.clients()
    clients.dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    (folder / "forms").mkdir(exist_ok=True)
    environment = {
        "AWS_ENDPOINT_URL": services.url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "FORMS_DIR": str(folder / "forms"),
        "RETRY_QUEUE_URL": clients.sqs.create_queue(QueueName=f"{name}-retry", Attributes={"VisibilityTimeout": "120"})[
            "QueueUrl"
        ],
        "DEAD_LETTER_QUEUE_URL": clients.sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"],
        "LEDGER_TABLE": name,
        "SECRET_PREFIX": f"{name}/",
        "POWERTOOLS_SERVICE_NAME": "relay",
        **variables,
    }
    deployment = Deployment(clients, environment, folder / "forms", line, folder / "workers.log")
    deployment.secret("ledger-key", {"key": "a-key-of-the-tests"})
    return deployment
