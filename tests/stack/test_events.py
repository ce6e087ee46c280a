"""The functions answer the example events in `events/` as `events/README.md` says."""

import json
from typing import Any

import pytest

from local.lambdas.execution import ROOT
from shared.queue.messages import Message
from tests.support.stack import Relay

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
    "webhook-elementor": 200,
    "webhook-formbricks": 403,
    "webhook-framer": 200,
    "webhook-google-forms": 200,
    "webhook-gravity-forms": 200,
    "webhook-hubspot": 403,
    "webhook-jotform": 200,
    "webhook-tally": 200,
    "webhook-typeform": 200,
    "webhook-webflow": 403,
}
_BATCHES = {"retry", "retry-batch"}
_SCHEDULES = {"silence"}
"""The embedded stack runs no schedules: see `tests/functional/silence`."""


def _invoke(relay: Relay, function: str, name: str) -> Any:
    (pool,) = (pool for pool in relay.stack.pools if pool.function.name == function)
    return pool.invoke(json.loads((ROOT / "events" / f"{name}.json").read_text()), wait_seconds=10)


def test_every_event_has_its_expectation() -> None:
    assert {path.stem for path in (ROOT / "events").glob("*.json")} == _STATUS.keys() | _BATCHES | _SCHEDULES


def test_the_messages_of_a_batch_are_as_the_submit_function_writes_them() -> None:
    texts = [(ROOT / "events" / f"{name}.json").read_text() for name in _BATCHES]
    records = [record for text in texts for record in json.loads(text)["Records"]]
    bodies = [record["body"] for record in records if record["body"].startswith("{")]

    assert len(bodies) >= len(_BATCHES)
    assert [Message.parse(body).body for body in bodies] == bodies


def test_every_http_event_gets_its_status(relay: Relay) -> None:
    assert {name: _invoke(relay, "SubmitFunction", name)["statusCode"] for name in _STATUS} == _STATUS


def test_one_unreadable_message_does_not_fail_its_batch(relay: Relay) -> None:
    buried = relay.waiting("DeadLetterQueue")

    answer = _invoke(relay, "RetryFunction", "retry-batch")

    assert answer == {"batchItemFailures": []}
    assert relay.waiting("DeadLetterQueue") > buried
