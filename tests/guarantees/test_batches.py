"""A batch of the retry queue: records are delivered at once, and none of them bothers its neighbours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.deployment import Deployment, aged, kill_during, person
from tests.support.waiting import eventually

PULSE = ("pulse", "upsert")


@pytest.fixture
def relay(deployment: Deployment) -> Deployment:
    deployment.form("form", PULSE)
    return deployment


def _queued(relay: Deployment, count: int) -> list[Any]:
    """Have sign-ups wait in the queue, due at once; return their messages."""
    for _ in range(count):
        assert relay.submit("form", person(), seconds=1).status == 202
    return relay.receive_all(count)


def _poison(message: Any, body: str, number: int) -> Any:
    return {**message, "MessageId": f"poison-{number}", "Body": body}


def _reasons(relay: Deployment) -> list[str]:
    return sorted(letter["MessageAttributes"]["reason"]["StringValue"] for letter in relay.buried())


def test_the_records_of_a_batch_are_delivered_at_once(deploy: Callable[..., Deployment]) -> None:
    relay = deploy(RETRY_BUDGET_SECONDS="20")
    relay.form("form", PULSE)
    messages, twin = _queued(relay, 10), relay.twins["pulse"]
    twin.fail("latency", count=10, seconds=60)

    with ThreadPoolExecutor(1) as source:
        stay = source.submit(relay.consume, messages)
        eventually(lambda: len(twin.met("latency")) == 10)  # the first is not answered before the tenth has come
        twin.stopping.set()  # ends every wait

        assert stay.result() == set()
    assert len(twin.contacts()) == 10


def test_a_larger_batch_floods_nobody_and_loses_nothing(relay: Deployment) -> None:
    messages = _queued(relay, 25)
    relay.twins["pulse"].options.latency = 0.2

    started = time.monotonic()
    assert relay.consume(messages) == set()

    assert time.monotonic() - started >= 3 * 2 * 0.2, "ten at a time are three rounds of two calls"
    assert len(relay.twins["pulse"].contacts()) == 25


def test_poison_is_dead_lettered_alone_and_at_once(relay: Deployment) -> None:
    good = _queued(relay, 2)
    known = json.loads(good[0]["Body"])
    bodies = ["not json", json.dumps([1]), json.dumps({**known, "destination": ""})]
    poison = [_poison(good[0], body, number) for number, body in enumerate(bodies)]

    assert relay.consume([poison[0], good[0], *poison[1:], good[1]]) == set()

    assert _reasons(relay) == ["unreadable"] * 3
    assert len(relay.twins["pulse"].contacts()) == 2


def test_what_this_code_does_not_know_waits_an_hour_for_a_deployment_and_is_then_dead_lettered(
    relay: Deployment,
) -> None:
    (message,) = _queued(relay, 1)
    known = json.loads(message["Body"])
    elsewhere = {**known, "submission": {**known["submission"], "form": "nowhere"}}
    bodies = [
        json.dumps({**known, "version": 99}),
        json.dumps({**known, "destination": "nowhere"}),
        json.dumps(elsewhere),
    ]
    unknown = [_poison(message, body, number) for number, body in enumerate(bodies)]

    assert relay.consume(unknown) == {each["MessageId"] for each in unknown}
    assert relay.buried() == []

    assert relay.consume([aged(each, 3601) for each in unknown]) == set()
    assert _reasons(relay) == ["newer-version", "unknown-destination", "unknown-destination"]


def test_the_answer_names_exactly_the_records_that_stay(relay: Deployment) -> None:
    delivered, transient, refused, again = _queued(relay, 4)
    twin = relay.twins["pulse"]
    by_email = {json.loads(m["Body"])["submission"]["contact"]["email"]: m for m in (transient, refused)}
    for email, message in by_email.items():
        status = 503 if message is transient else 422
        twin.fail("status", status=status, method="GET", path="/contacts/search", count=1)
        assert relay.consume([message]) == ({message["MessageId"]} if status == 503 else set()), email
    assert relay.consume([delivered, transient, again]) == set()
    assert _reasons(relay) == ["refused"]
    assert len(twin.contacts()) == 3


def test_a_message_whose_time_has_not_come_is_put_back_without_a_call(relay: Deployment) -> None:
    (message,) = _queued(relay, 1)
    body = json.loads(message["Body"])
    later = {**body, "not_before": int((time.time() + 7200) * 1000)}

    assert relay.consume([{**message, "Body": json.dumps(later)}]) == {message["MessageId"]}

    assert relay.twins["pulse"].requests == []
    assert relay.receive() == []


def test_a_broken_form_makes_its_messages_wait_for_the_mended_one(relay: Deployment) -> None:
    (message,) = _queued(relay, 1)
    file = relay.forms / "form.toml"
    text = file.read_text()
    file.write_text("colour = 'green'")
    with relay.processes("retry") as broken:
        assert relay.retry([message], broken) == {message["MessageId"]}
    file.write_text(text)
    relay.drain()
    assert len(relay.twins["pulse"].contacts()) == 1


def test_a_handler_that_dies_in_the_middle_of_a_batch_makes_no_duplicates(deploy: Callable[..., Deployment]) -> None:
    relay = deploy(RETRY_BUDGET_SECONDS="3")
    relay.form("form", PULSE)
    messages = _queued(relay, 6)
    twin = relay.twins["pulse"]
    twin.fail("hang", method="POST", commit="before", count=3, seconds=20)

    with relay.processes("retry") as pool:
        kill_during(pool, lambda: relay.retry(messages, pool), lambda: len(twin.contacts()) == 6)
    for message in messages:
        relay.show_again(message)
    relay.drain()

    emails = [contact["emails"][0]["emailAddress"] for contact in twin.contacts()]
    assert len(emails) == len(set(emails)) == 6
