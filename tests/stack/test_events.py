"""The events in `events/` are true ones: the functions answer them as `events/README.md` says."""

import json
from typing import Any

import pytest

from local.lambdas.execution import ROOT
from shared.queue.messages import Message
from tests.stack.conftest import Relay

pytestmark = pytest.mark.stack

_STATUS = {
    "preflight": 204,
    "script": 200,
    "submit-browser": 303,
    "submit-foreign-origin": 403,
    "submit-honeypot": 200,
    "submit-idempotency-key": 200,
    "submit-invalid": 422,
    "submit-json": 200,
    "submit-multipart": 200,
    "submit-server": 200,
    "submit-unknown-form": 404,
    "submit-unreadable": 400,
    "submit-unsupported-type": 415,
    "submit-urlencoded": 200,
    "time-token": 200,
    "unknown-path": 404,
    "webhook-formbricks": 403,
    "webhook-tally": 200,
    "webhook-typeform": 200,
}
_BATCHES = {"retry", "retry-batch"}


def _invoke(relay: Relay, function: str, name: str) -> Any:
    (pool,) = (pool for pool in relay.stack.pools if pool.function.name == function)
    return pool.invoke(json.loads((ROOT / "events" / f"{name}.json").read_text()), patience=10)


def test_every_event_has_its_expectation() -> None:
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == _STATUS.keys() | _BATCHES


@pytest.mark.parametrize("name", sorted(_BATCHES))
def test_a_message_is_as_the_submit_function_writes_it(name: str) -> None:
    records = json.loads((ROOT / "events" / f"{name}.json").read_text())["Records"]
    bodies = [record["body"] for record in records if record["body"].startswith("{")]

    assert [Message.parse(body).body for body in bodies] == bodies


@pytest.mark.parametrize("name", sorted(_STATUS))
def test_an_http_event_gets_its_status(relay: Relay, name: str) -> None:
    assert _invoke(relay, "SubmitFunction", name)["statusCode"] == _STATUS[name]


def test_a_batch_is_dealt_with_as_a_whole_even_when_one_message_cannot_be_read(relay: Relay) -> None:
    buried = relay.waiting("DeadLetterQueue")

    answer = _invoke(relay, "RetryFunction", "retry-batch")

    assert answer == {"batchItemFailures": []}
    assert relay.waiting("DeadLetterQueue") > buried
