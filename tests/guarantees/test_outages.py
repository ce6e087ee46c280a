"""A vendor's outage is invisible to visitors, and the circuit keeps them from waiting for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from local.twins.server import Twin
from shared.delivery.circuit import Circuits, Evidence
from tests.support.deployment import Deployment, aged, metrics, person
from tests.support.waiting import eventually

PULSE = ("pulse", "upsert")
DAY = 86_400
HANG_SECONDS = 60


@pytest.fixture
def guarded(deploy: Callable[..., Deployment]) -> Deployment:
    deployment = deploy(CIRCUIT_FAILURE_THRESHOLD="3", CIRCUIT_RECOVERY_SECONDS="2")
    deployment.form("form", PULSE)
    return deployment


def _open(deployment: Deployment, twin: Twin) -> list[dict[str, Any]]:
    visitors = [person() for _ in range(3)]
    twin.options.down = True
    assert [deployment.submit("form", visitor).status for visitor in visitors] == [202] * 3
    return visitors


def test_when_a_vendor_is_down_visitors_are_answered_at_once_and_the_vendor_is_left_alone(
    guarded: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = guarded.twins["pulse"]
    _open(guarded, twin)
    calls = len(twin.requests)

    answers = [guarded.submit("form", person()) for _ in range(5)]

    assert [answer.status for answer in answers] == [202] * 5
    assert len(twin.requests) == calls
    assert metrics(capsys).count("CircuitOpened") == 1


def test_a_probe_closes_the_circuit_and_everything_that_waited_is_delivered_once(
    guarded: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = guarded.twins["pulse"]
    visitors = [*_open(guarded, twin), person(), person()]
    for visitor in visitors[3:]:
        assert guarded.submit("form", visitor).status == 202
    twin.options.down = False

    guarded.drain()

    assert sorted(c["emails"][0]["emailAddress"] for c in twin.contacts()) == sorted(v["email"] for v in visitors)
    assert guarded.submit("form", person()).status == 200
    seen = [name for name in metrics(capsys) if name.startswith("Circuit")]
    assert seen == ["CircuitOpened", "CircuitProbed", "CircuitClosed"]


def test_only_one_environment_probes_a_vendor_that_may_be_well_again(deployment: Deployment) -> None:
    """Given an open circuit that has rested; when four environments deliver at once; then one of them asks."""
    name, release, answers = f"vendor-{uuid4()}", threading.Event(), SimpleQueue[str]()

    def environment() -> Circuits:
        table, client = deployment.environment["LEDGER_TABLE"], deployment.clients.dynamodb
        return Circuits(CircuitBreakerDynamoDBPersistence(table, boto3_client=client), 3, recovery_seconds=1)

    def deliver(circuits: Circuits) -> None:
        answers.put(circuits.call(name, ask, lambda: "refused"))

    def ask() -> tuple[str, Evidence]:
        assert release.wait(HANG_SECONDS)
        return "asked", Evidence.UP

    for _ in range(3):
        environment().call(name, lambda: ("asked", Evidence.DOWN), lambda: "refused")
    time.sleep(1.1)  # the circuit rests
    with ThreadPoolExecutor(4) as threads:
        delivered = [threads.submit(deliver, environment()) for _ in range(4)]
        eventually(lambda: answers.qsize() == 3)
        release.set()
        for each in delivered:
            each.result()

    assert sorted(answers.get() for _ in range(4)) == ["asked", "refused", "refused", "refused"]


def test_waiting_for_an_open_circuit_spends_no_attempt(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(CIRCUIT_FAILURE_THRESHOLD="3", CIRCUIT_RECOVERY_SECONDS="60")
    deployment.form("form", PULSE)
    twin = deployment.twins["pulse"]
    _open(deployment, twin)
    messages = deployment.receive_all(3)

    for _ in range(3):
        assert deployment.consume(messages) == {message["MessageId"] for message in messages}

    twin.options.down = False
    twin.fail("status", status=422, count=None)
    with deployment.processes("retry", CIRCUIT_RECOVERY_SECONDS="1") as later:
        eventually(lambda: deployment.retry(messages[:1], later) == set())
    (letter,) = deployment.buried()
    assert letter["MessageAttributes"]["attempts"]["StringValue"] == "2", "the first one, and this refusal"


def test_our_own_lack_of_time_does_not_open_a_circuit(guarded: Deployment) -> None:
    twin = guarded.twins["pulse"]
    assert guarded.submit("form", person()).status == 200
    twin.options.latency = 0.3
    for _ in range(4):
        answer = guarded.submit("form", person(), seconds=5.3)
        assert answer.status == 202, "there is time for the search at best"
    twin.options.latency = 0

    assert guarded.submit("form", person()).status in {200, 202}
    guarded.drain()
    assert len(twin.contacts()) == 6


@pytest.mark.parametrize(("age", "reason"), [(2.9 * DAY, None), (3.1 * DAY, "exhausted-unavailable")])
def test_a_vendor_that_stays_down_is_given_up_after_three_days(
    deployment: Deployment, age: float, reason: str | None
) -> None:
    deployment.form("form", PULSE)
    deployment.twins["pulse"].options.down = True
    assert deployment.submit("form", person()).status == 202
    (message,) = deployment.receive_all(1)

    stay = deployment.consume([aged(message, age)])

    assert stay == (set() if reason else {message["MessageId"]})
    reasons = [letter["MessageAttributes"]["reason"]["StringValue"] for letter in deployment.buried()]
    assert reasons == ([reason] if reason else [])


def test_a_vendors_retry_after_is_honoured(deployment: Deployment) -> None:
    deployment.form("form", PULSE)
    deployment.twins["pulse"].fail("status", status=429, retry_after=3)
    started = time.monotonic()

    assert deployment.submit("form", person()).status == 202
    deployment.drain()

    assert time.monotonic() - started >= 2.4
    assert len(deployment.twins["pulse"].contacts()) == 1


def test_a_firewalls_page_is_an_outage_and_no_verdict_on_the_key(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.form("form", PULSE)
    deployment.twins["pulse"].fail("html")
    assert deployment.submit("form", person()).status == 202
    deployment.drain()
    assert len(deployment.twins["pulse"].contacts()) == 1
    assert "CredentialsHeld" not in metrics(capsys)
