"""botocore with the little data it is given asks the same addresses, with the same signature, as with all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, EndpointVariantError
from botocore.loaders import Loader

from shared.aws.service_data import OurServices

QUEUE = {"QueueUrl": "https://sqs.example.com/123456789012/retry"}
CALLS: dict[str, Callable[[Any], object]] = {
    "dynamodb": lambda client: client.get_item(TableName="ledger", Key={"pk": {"S": "x"}}),
    "secretsmanager": lambda client: client.get_secret_value(SecretId="x"),
    "sqs": lambda client: client.send_message(**QUEUE, MessageBody="x"),
}
PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text("utf-8"))["partitions"]
REGIONS = [region for partition in PARTITIONS for region in partition["regions"] if not region.endswith("-global")]
NOT_YET_KNOWN = "eu-north-9"
NO_PARTITION = "moon-base-1"
VARIANTS = {
    "plain": Config(),
    "fips": Config(use_fips_endpoint=True),
    "dual stack": Config(use_dualstack_endpoint=True),
    "both": Config(use_fips_endpoint=True, use_dualstack_endpoint=True),
}


class NotSentError(Exception):
    """Ends a call before anything leaves the process."""


def session(loader: Loader) -> botocore.session.Session:
    made = botocore.session.Session()
    made.register_component("data_loader", loader)
    made.set_credentials("AKIDEXAMPLE", "secret", "token", account_id="123456789012")
    return made


def asked(made: botocore.session.Session, service: str, region: str, variant: str = "plain") -> str:
    """The address and the signature's scope of a call; what botocore says instead where it refuses."""
    seen: list[AWSPreparedRequest] = []
    try:
        client = made.create_client(service, region, config=VARIANTS[variant])
        client.meta.events.register_first("before-send", partial(not_sent, seen))  # before moto, where it answers
        with pytest.raises(NotSentError):
            CALLS[service](client)
    except (BotoCoreError, ValueError) as error:
        return type(error).__name__
    headers = {name: str(value) for name, value in seen[0].headers.items()}
    (scope,) = [part for part in headers["Authorization"].replace("b'", "").split(", ") if "Credential=" in part]
    return f"{seen[0].url} {scope.split('/', 2)[2]}"


def not_sent(seen: list[AWSPreparedRequest], request: AWSPreparedRequest, **_: object) -> None:
    seen.append(request)
    raise NotSentError


@pytest.fixture(scope="module")
def with_all() -> botocore.session.Session:
    return session(Loader())


@pytest.fixture(scope="module")
def with_ours() -> botocore.session.Session:
    return session(OurServices())


@pytest.mark.parametrize("service", CALLS)
def test_every_region_is_asked_at_the_same_address(
    with_all: botocore.session.Session, with_ours: botocore.session.Session, service: str
) -> None:
    """All partitions, a region that botocore doesn't know yet, and one of no partition."""
    for region in [*REGIONS, NOT_YET_KNOWN, NO_PARTITION]:
        assert asked(with_ours, service, region) == asked(with_all, service, region)


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_fips_and_dual_stack_addresses_are_the_same(
    with_all: botocore.session.Session, with_ours: botocore.session.Session, service: str, variant: str
) -> None:
    """But for isolated partitions: the table refuses a dual stack there that the service's rule set knows."""
    compared = 0
    for region in (max(partition["regions"]) for partition in PARTITIONS):
        expected = asked(with_all, service, region, variant)
        if expected != EndpointVariantError.__name__:
            assert asked(with_ours, service, region, variant) == expected
            compared += 1
    assert compared >= len(PARTITIONS) - 4


def test_the_large_table_of_addresses_is_not_read() -> None:
    """Its name leads to the partitions alone, which lie among botocore's own data."""
    loader = OurServices()
    data, path = loader.load_data_with_path("endpoints")
    assert [each["partition"] for each in data["partitions"]] == [each["id"] for each in PARTITIONS]
    assert not any(each["services"] for each in data["partitions"])
    assert loader.is_builtin_path(path)
