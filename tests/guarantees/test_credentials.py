"""Wrong credentials hold a destination's messages: unspent, un-aged, and only until the secret is right again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from local.twins.server import Twin
from tests.support.deployment import Deployment, aged, metrics, person
from tests.support.waiting import eventually

PULSE = ("pulse", "upsert")
DAY = 86_400
LONGEST_RETRY_SECONDS = 9


def _wrong(twin: Twin) -> dict[str, Any]:
    return {**twin.connection(), "api_token": "wrong"}


@pytest.fixture
def refused(deployment: Deployment) -> Deployment:
    """A deployment whose Pulse token is wrong, and whose first sign-up has found that out."""
    deployment.form("form", PULSE)
    deployment.secret(deployment.destination(*PULSE), _wrong(deployment.twins["pulse"]))
    assert deployment.submit("form", person()).status == 202
    return deployment


@pytest.fixture
def message(refused: Deployment) -> Any:
    """The message that is held."""
    (message,) = refused.receive_all(1)
    return message


def test_a_held_message_survives_any_number_of_looks_without_spending_an_attempt(
    refused: Deployment, message: Any
) -> None:
    calls = len(refused.twins["pulse"].requests)

    for _ in range(10):
        assert refused.consume([message]) == {message["MessageId"]}

    assert len(refused.twins["pulse"].requests) == calls, "the same wrong key is not tried again"
    assert refused.buried() == []
    refused.consume([aged(message, 9.6 * DAY)])
    (letter,) = refused.buried()
    assert letter["MessageAttributes"]["attempts"]["StringValue"] == "0"


def test_sign_ups_that_come_meanwhile_are_accepted_without_a_call(refused: Deployment) -> None:
    calls = len(refused.twins["pulse"].requests)
    answer = refused.submit("form", person())
    assert (answer.status, len(refused.twins["pulse"].requests)) == (202, calls)


def test_when_the_secret_is_right_again_what_was_held_is_delivered_at_its_next_look(
    refused: Deployment, message: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    refused.secret(refused.destination(*PULSE), refused.twins["pulse"].connection())

    eventually(lambda: refused.consume([message]) == set())

    assert len(refused.twins["pulse"].contacts()) == 1
    assert metrics(capsys).count("CredentialsAccepted") == 1


def test_time_held_is_no_age_but_a_held_message_is_given_up_before_the_queue_drops_it(
    refused: Deployment, message: Any
) -> None:
    assert refused.consume([aged(message, 8 * DAY)]) == {message["MessageId"]}
    assert refused.consume([aged(message, 9.6 * DAY)]) == set()
    (letter,) = refused.buried()
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "credentials"


def test_after_a_hold_longer_than_retries_last_a_transient_failure_is_not_the_end(
    deploy: Callable[..., Deployment],
) -> None:
    deployment = deploy(RETRY_MAX_AGE_SECONDS=str(LONGEST_RETRY_SECONDS))
    deployment.form("form", PULSE)
    twin, connection = deployment.twins["pulse"], deployment.destination(*PULSE)
    deployment.secret(connection, _wrong(twin))
    assert deployment.submit("form", person()).status == 202
    (message,) = deployment.receive_all(1)
    assert deployment.consume([message]) == {message["MessageId"]}
    time.sleep(LONGEST_RETRY_SECONDS + 1)  # held until it is too old to be retried
    deployment.secret(connection, twin.connection())
    twin.options.down = True

    def is_tried() -> bool:
        assert deployment.consume([message]) == {message["MessageId"]}
        return any(entry.status == 503 for entry in twin.requests)

    eventually(is_tried)
    assert deployment.buried() == []


def test_a_secret_that_does_not_exist_holds_too_and_raises_the_alarm(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.form("form", PULSE)
    name = deployment.destination(*PULSE)
    deployment.clients.secrets.delete_secret(
        SecretId=deployment.environment["SECRET_PREFIX"] + name, ForceDeleteWithoutRecovery=True
    )
    assert deployment.submit("form", person()).status == 202
    assert metrics(capsys).count("CredentialsHeld") == 1

    deployment.secret(name, deployment.twins["pulse"].connection())
    deployment.drain()

    assert len(deployment.twins["pulse"].contacts()) == 1
