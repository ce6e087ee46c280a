"""The tests' own look into a simulated queue."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from tests.support.relay import Relay
from tests.support.simulated_aws import one_at_a_time, queues_clock, simulate_aws


def test_nothing_is_sent_while_the_queues_clock_is_a_day_ahead(relay: Relay) -> None:
    look = Thread(target=relay.queued, daemon=True)

    with one_at_a_time:  # as during a call
        look.start()
        look.join(timeout=0.5)
        assert look.is_alive()

    look.join(timeout=60)
    assert not look.is_alive()


def test_what_is_hidden_is_seen(relay: Relay) -> None:
    relay.sqs.send_message(QueueUrl=relay.retry_queue, MessageBody="1", DelaySeconds=900)
    relay.sqs.send_message(QueueUrl=relay.retry_queue, MessageBody="2")
    relay.sqs.receive_message(QueueUrl=relay.retry_queue, VisibilityTimeout=43_200)

    assert relay.queued() == [1, 2]


def test_the_next_test_starts_at_the_real_time(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    queues_clock.advance(seconds=900)

    simulate_aws(monkeypatch)

    assert queues_clock() <= time.time() * 1000
