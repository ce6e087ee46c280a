"""Wrong credentials hold a destination's messages: unspent, un-aged, and only until the secret is right again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from local.twins.server import Twin
from tests.support.deployment import Deployment, aged, metrics, person

PULSE = ("pulse", "upsert")
DAY = 86_400


def _wrong(twin: Twin) -> dict[str, Any]:
    return {**twin.connection(), "api_token": "wrong"}


def _eventually(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for a secret to be read afresh, which happens every few seconds at most."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


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
    assert [item["failed_attempts"] for item in refused.items("person#")] == [{}]
    assert refused.buried() == []


def test_sign_ups_that_come_meanwhile_are_accepted_without_a_call(refused: Deployment) -> None:
    calls = len(refused.twins["pulse"].requests)
    answer = refused.submit("form", person())
    assert (answer.status, len(refused.twins["pulse"].requests)) == (202, calls)


def test_when_the_secret_is_right_again_what_was_held_is_delivered_at_its_next_look(
    refused: Deployment, message: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    refused.secret(refused.destination(*PULSE), refused.twins["pulse"].connection())

    _eventually(lambda: refused.consume([message]) == set())

    assert len(refused.twins["pulse"].contacts()) == 1
    assert metrics(capsys).count("CredentialsAccepted") == 1


def test_time_held_is_no_age_but_a_held_message_is_given_up_before_the_queue_drops_it(
    refused: Deployment, message: Any
) -> None:
    assert refused.consume([aged(message, 8 * DAY)]) == {message["MessageId"]}
    assert refused.consume([aged(message, 9.6 * DAY)]) == set()
    (letter,) = refused.buried()
    assert letter["MessageAttributes"]["reason"]["StringValue"] == "credentials"


def test_after_a_hold_of_days_a_transient_failure_is_not_the_end(refused: Deployment, message: Any) -> None:
    now = int(time.time() * 1000)
    refused.clients.dynamodb.update_item(
        TableName=refused.environment["LEDGER_TABLE"],
        Key={"id": {"S": f"gate#{refused.destination(*PULSE)}"}},
        UpdateExpression="SET held_since = :since",
        ExpressionAttributeValues={":since": {"N": str(now - 4 * DAY * 1000)}},
    )
    refused.secret(refused.destination(*PULSE), refused.twins["pulse"].connection())
    refused.twins["pulse"].options.down = True

    def is_tried() -> bool:
        assert refused.consume([aged(message, 5 * DAY)]) == {message["MessageId"]}
        return any(entry.status == 503 for entry in refused.twins["pulse"].requests)

    _eventually(is_tried)
    assert refused.buried() == []


def test_a_secret_that_does_not_exist_holds_too_and_raises_the_alarm(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.form("form", PULSE)
    name = deployment.destination(*PULSE)
    deployment.clients.secrets.delete_secret(
        SecretId=deployment.environment["SECRET_PREFIX"] + name, ForceDeleteWithoutRecovery=True
    )
    assert deployment.submit("form", person()).status == 202
    assert [item["id"] for item in deployment.items("gate#")] == [f"gate#{name}"]
    assert metrics(capsys).count("CredentialsHeld") == 1

    deployment.secret(name, deployment.twins["pulse"].connection())
    deployment.drain()

    assert len(deployment.twins["pulse"].contacts()) == 1
