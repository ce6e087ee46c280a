"""SQS, DynamoDB and Secrets Manager fail, hang, are slow or lose answers: acknowledged means safe, in bounded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from local.aws_services import AwsServices
from local.twins.server import Twin
from tests.support.deployment import Answer, Deployment, person
from tests.support.fault_proxy import Fault, FaultProxy, Kind
from tests.support.matrix import matrix

SUBSCRIBE = ("esputnik", "subscribe")
HANG_SECONDS = 60.0
"""An answer that takes longer has waited for a service that hangs, on however busy a machine."""
TRIES_OF_A_CALL = 2
"""To AWS, by botocore."""

SERVICES = {"sqs": "SQS", "dynamodb": "DYNAMODB", "secrets": "SECRETS_MANAGER"}
COMBINATIONS = [("sqs",), ("dynamodb",), ("secrets",), ("sqs", "dynamodb"), ("sqs", "dynamodb", "secrets")]


@dataclass
class Broken:
    """A deployment behind proxies."""

    deployment: Deployment
    proxies: dict[str, FaultProxy]

    @property
    def twin(self) -> Twin:
        return self.deployment.twins["esputnik"]

    def set(self, fault: Fault | None, *services: str) -> None:
        for name in services:
            self.proxies[name].set(fault)

    def judge(self, answer: Answer) -> None:
        """Mend everything, and see whether the answer was true."""
        self.set(None, *self.proxies)
        assert answer.seconds < HANG_SECONDS
        assert answer.status in {200, 202, 503}
        if answer.status == 503:
            assert answer.retry_after is not None
        self.deployment.drain()
        if answer.status != 503:
            (contact,) = self.twin.contacts()
            assert contact["firstName"] == "Ada"
        assert len(self.twin.contacts()) <= 1
        assert len(self.twin.events) <= 1
        assert self.deployment.buried() == []


@pytest.fixture
def broken(services: AwsServices, deploy: Callable[..., Deployment]) -> Iterator[Broken]:
    with ExitStack() as stack:
        proxies = {name: stack.enter_context(FaultProxy(services.url)) for name in SERVICES}
        variables = {f"AWS_ENDPOINT_URL_{SERVICES[name]}": proxy.url for name, proxy in proxies.items()}
        deployment = deploy(DELIVERY_BUDGET_SECONDS="4", RETRY_BUDGET_SECONDS="4", **variables)
        deployment.form("form", SUBSCRIBE)
        yield Broken(deployment, proxies)


@pytest.fixture
def warm(broken: Broken) -> Broken:
    """Secrets are read and connections open, as in an environment that has served before."""
    assert broken.deployment.submit("form", person()).status == 200
    broken.twin.reset()
    return broken


@pytest.mark.parametrize(("gone", "kind"), matrix(COMBINATIONS, ["fail", "reset", "lose", "hang", "slow"]))
def test_what_is_acknowledged_while_storage_is_broken_is_safe(warm: Broken, gone: tuple[str, ...], kind: Kind) -> None:
    warm.set(Fault(kind), *gone)

    answer = warm.deployment.submit("form", person())

    if gone == ("sqs",):
        assert answer.status == 200, "nothing had to be queued"
    warm.judge(answer)


@pytest.mark.parametrize(("gone", "kind"), matrix(COMBINATIONS, ["fail", "hang"]))
def test_an_environment_that_has_never_seen_its_storage_acknowledges_nothing_that_is_not_safe(
    broken: Broken, gone: tuple[str, ...], kind: Kind
) -> None:
    broken.set(Fault(kind), *gone)
    broken.judge(broken.deployment.submit("form", person()))


@pytest.mark.parametrize("kind", ["fail", "reset", "hang", "lose"])
def test_with_vendor_and_sqs_broken_the_visitor_is_told_to_come_again(warm: Broken, kind: Kind) -> None:
    warm.twin.options.down = True
    warm.set(Fault(kind), "sqs")

    answer = warm.deployment.submit("form", person())

    assert (answer.status, answer.retry_after) == (503, "5")
    warm.twin.options.down = False
    warm.judge(answer)


CALLS_OF_A_SIGN_UP = 14
"""To DynamoDB, at least: idempotency twice, consent, hold, circuit, lease, mark, release, idempotency twice."""


@pytest.mark.parametrize(("healthy", "kind"), matrix(range(CALLS_OF_A_SIGN_UP), ["reset", "lose", "hang"]))
def test_dynamodb_may_break_at_any_call_of_a_sign_up(warm: Broken, kind: Kind, healthy: int) -> None:
    warm.set(Fault(kind, skip=healthy), "dynamodb")

    answer = warm.deployment.submit("form", person(), key="a-key")

    assert answer.status in {200, 202}, "SQS is well"
    warm.judge(answer)


@pytest.mark.parametrize(("healthy", "kind"), matrix(range(8), ["reset", "lose"]))
def test_dynamodb_may_break_at_any_call_of_a_retry(warm: Broken, kind: Kind, healthy: int) -> None:
    assert warm.deployment.submit("form", person(), seconds=1).status == 202
    (message,) = warm.deployment.receive_all(1)
    warm.set(Fault(kind, skip=healthy), "dynamodb")

    warm.deployment.retry([message])

    warm.set(None, "dynamodb")
    warm.deployment.drain()
    assert len(warm.twin.contacts()) == 1
    assert len(warm.twin.events) == 1


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "GetItem"])
def test_lost_answers_of_dynamodb_cost_nobody_a_refusal(warm: Broken, operation: str) -> None:
    warm.set(Fault("lose", operation), "dynamodb")

    answer = warm.deployment.submit("form", person())

    assert answer.status in {200, 202}
    warm.judge(answer)


def test_a_service_that_hangs_is_found_out_once_and_not_at_every_call(warm: Broken) -> None:
    warm.set(Fault("hang"), "dynamodb")
    before, proxy = warm.proxies["dynamodb"].calls, warm.proxies["dynamodb"]

    answers = [warm.deployment.submit("form", person()) for _ in range(3)]

    assert [answer.status for answer in answers] == [202] * 3
    assert proxy.calls - before <= len(answers) * TRIES_OF_A_CALL
    warm.set(None, "dynamodb")
    warm.deployment.drain()
    assert len(warm.twin.contacts()) == 3


def test_secrets_once_read_outlive_secrets_manager(warm: Broken) -> None:
    warm.set(Fault("hang"), "secrets")
    calls = warm.proxies["secrets"].calls

    assert warm.deployment.submit("form", person()).status == 200

    assert warm.proxies["secrets"].calls == calls
