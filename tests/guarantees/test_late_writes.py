"""A late retry never overwrites what a newer sign-up of the same person wrote, field by field."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from local.twins.server import Twin
from tests.support.deployment import Deployment, person
from tests.support.waiting import eventually

NO_TIME = 1.0
"""Seconds left with which a sign-up is queued without a try."""

PULSE, SUBSCRIBE = ("pulse", "upsert"), ("esputnik", "subscribe")


def _queued(deployment: Deployment, form: str, values: dict[str, Any], at: float | None = None) -> Any:
    """Have a sign-up wait in the retry queue, and return its message."""
    assert deployment.submit(form, values, at=at, seconds=NO_TIME).status == 202
    (message,) = deployment.receive_all(1)
    return message


def _only(twin: Twin) -> Any:
    (contact,) = twin.contacts()
    return contact


@pytest.fixture
def pulse(deployment: Deployment) -> Twin:
    deployment.form("news", PULSE)
    deployment.form("practice", PULSE)
    return deployment.twins["pulse"]


def test_an_older_sign_up_of_the_same_form_is_superseded_by_the_newer_one(deployment: Deployment, pulse: Twin) -> None:
    visitor = person(company="Old & Co")
    older = _queued(deployment, "news", {**visitor, "first_name": "Old"})
    assert deployment.submit("news", {**visitor, "first_name": "New", "company": "New & Co"}).status == 200
    writes = len(pulse.writes())

    assert deployment.retry([older]) == set()

    assert _only(pulse)["firstName"] == "New"
    assert len(pulse.writes()) == writes, "there was nothing left to write"


def test_an_older_sign_up_of_another_form_still_writes_the_fields_that_the_newer_did_not(
    deployment: Deployment, pulse: Twin
) -> None:
    visitor = person()
    older = _queued(deployment, "practice", {**visitor, "first_name": "Old", "company": "Acme"})
    newer = {name: value for name, value in visitor.items() if name != "last_name"}
    assert deployment.submit("news", {**newer, "first_name": "New"}).status == 200

    assert deployment.retry([older]) == set()

    contact = _only(pulse)
    assert (contact["firstName"], contact["lastName"]) == ("New", "Lee")
    assert [place["company"] for place in contact["locations"]] == ["Acme"]


def test_sign_ups_of_the_same_millisecond_are_ordered_by_their_ids_whichever_comes_first(
    deployment: Deployment, pulse: Twin
) -> None:
    now = time.time()
    for first_delivered in (0, 1):
        visitor = person()
        messages = [_queued(deployment, "news", {**visitor, "first_name": name}, at=now) for name in ("Ada", "Augusta")]
        bodies = [message["Body"] for message in messages]
        newest = max(range(2), key=lambda n: _submission_id(bodies[n]))

        deployment.retry([messages[first_delivered]])
        deployment.retry([messages[1 - first_delivered]])

        name = ("Ada", "Augusta")[newest]
        contact = next(c for c in pulse.contacts() if c["emails"][0]["emailAddress"] == visitor["email"])
        assert contact["firstName"] == name


def _submission_id(body: str) -> str:
    return str(json.loads(body)["submission"]["id"])


def test_the_same_delivery_again_is_not_written_again(deployment: Deployment, pulse: Twin) -> None:
    message = _queued(deployment, "news", person())
    assert deployment.retry([message]) == set()
    calls = len(pulse.requests)

    assert deployment.consume([message]) == set(), "SQS delivers at least once"

    assert len(pulse.requests) == calls


def test_a_message_that_sqs_hands_out_twice_at_once_is_written_once(deployment: Deployment) -> None:
    deployment.form("news", SUBSCRIBE)
    twin = deployment.twins["esputnik"]
    twin.options.latency = 0.1
    message = _queued(deployment, "news", person())

    assert deployment.consume([message, {**message, "MessageId": "again"}]) == set()

    assert len(twin.writes()) == 1
    assert len(twin.events_of("subscribeFromApi-news")) == 1


def test_the_event_of_another_form_still_fires_for_an_older_sign_up(deployment: Deployment) -> None:
    deployment.form("news", SUBSCRIBE, options='options = { form_type = "news" }')
    deployment.form("practice", SUBSCRIBE, options='options = { form_type = "practice" }')
    twin = deployment.twins["esputnik"]
    visitor = person()
    older = _queued(deployment, "practice", {**visitor, "first_name": "Old"})
    assert deployment.submit("news", {**visitor, "first_name": "New"}).status == 200

    assert deployment.retry([older]) == set()

    assert _only(twin)["firstName"] == "New"
    assert [event.name.partition("-")[2] for event in twin.events] == ["news", "practice"]


def test_values_that_a_parked_sign_up_kept_an_older_one_from_writing_arrive_with_its_replay(
    deploy: Callable[..., Deployment],
) -> None:
    # Given an older sign-up that waits, and a newer one whose write was lost
    deployment = deploy(DELIVERY_BUDGET_SECONDS="2")
    deployment.form("news", PULSE)
    deployment.form("practice", PULSE)
    pulse, visitor = deployment.twins["pulse"], person()
    assert deployment.submit("news", {**visitor, "first_name": "First"}).status == 200
    older = _queued(deployment, "practice", {**visitor, "first_name": "Old"})
    pulse.fail("drop_before", method="PUT")
    assert deployment.submit("news", {**visitor, "first_name": "New"}).status == 202
    (newer,) = deployment.receive_all(1)

    # When the older one is delivered, and the newer one refused in the end
    eventually(lambda: deployment.retry([older]) == set())
    assert _only(pulse)["firstName"] == "First", "the lost write may still have been made"
    pulse.fail("status", status=422)
    assert deployment.retry([newer]) == set()
    (letter,) = deployment.buried()

    # Then its values are in the dead letter, and arrive with a replay
    deployment.put_back(letter)
    deployment.drain()
    assert _only(pulse)["firstName"] == "New"


def test_two_sign_ups_of_one_person_in_one_batch_end_with_the_newer(deployment: Deployment, pulse: Twin) -> None:
    visitor = person()
    older = _queued(deployment, "news", {**visitor, "first_name": "Old"})
    newer = _queued(deployment, "news", {**visitor, "first_name": "New"})

    deployment.retry([older, newer])
    deployment.drain()

    assert _only(pulse)["firstName"] == "New"


def test_consent_that_another_form_was_given_later_is_not_taken_back(deployment: Deployment, pulse: Twin) -> None:
    visitor = person()
    older = _queued(deployment, "practice", {**visitor, "news": False})
    assert deployment.submit("news", {**visitor, "news": True}).status == 200

    assert deployment.retry([older]) == set()

    assert _only(pulse)["emails"][0]["isSubscribed"] is True
