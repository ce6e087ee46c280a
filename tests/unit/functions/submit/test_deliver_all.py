"""DeliverToAll: every destination at once, what is left into a queue, and only then a word of acceptance."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import pytest

from functions.submit.deliver_all import DeliverToAll
from functions.submit.refusal import Refusal
from shared.contact import Contact
from shared.deadline import Deadline
from shared.delivery.deliver import receipt_is_kept
from shared.delivery.outcome import Attempt, Delivered, Held, Parked, Queued, Skipped, Superseded
from shared.errors import LedgerUnavailable, QueueUnavailable
from shared.forms import Destination, Form
from shared.forms.loading import parse_form
from shared.queue.messages import DeadLetter, Message
from shared.queue.retry_policy import RetryPolicy
from shared.submission import Submission
from tests.support.clock import Clock

DESTINATION = '[[destinations]]\nname = "{name}"\nvendor = "pulse"\naction = "upsert"\noptions = {{ source = 7 }}\n'
SUBMISSION = Submission(id="s1", form="newsletter", received_at=1, contact=Contact(email="ada@example.com"))

Deliver = Callable[[], Attempt]


class FakeDelivery:
    """Does for each destination what a test says."""

    def __init__(self, deliveries: Mapping[str, Deliver]) -> None:
        self._deliveries = deliveries
        self.asked: list[str] = []

    def deliver(
        self,
        destination: Destination,
        submission: Submission,
        deadline: Deadline,
        ensure_receipt: Callable[[], None] = receipt_is_kept,
    ) -> Attempt:
        ensure_receipt()
        self.asked.append(destination.name)
        return self._deliveries[destination.name]()


class FakeConsents:
    """Keeps receipts, unless it is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.kept: list[Submission] = []
        self._down = down

    def keep(self, submission: Submission) -> None:
        if self._down:
            raise LedgerUnavailable("DynamoDB failed")
        self.kept.append(submission)


class FakeQueues:
    def __init__(self) -> None:
        self.down = False
        self.retried: list[tuple[Message, float]] = []
        self.buried: list[DeadLetter] = []

    def retry(self, deliveries: Sequence[tuple[Message, float]]) -> None:
        self.retried += self._taken(deliveries)

    def send_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        self.buried += self._taken(letters)

    def _taken(self, messages: Sequence[Any]) -> Sequence[Any]:
        if self.down and messages:
            raise QueueUnavailable("SQS refused 1 of 1 messages")
        return messages


@pytest.fixture
def queues() -> FakeQueues:
    return FakeQueues()


def form(*names: str) -> Form:
    head = 'title = "Newsletter"\n[fields.email]\ntype = "email"\n'
    return parse_form("newsletter", head + "".join(DESTINATION.format(name=name) for name in names))


def send(
    queues: FakeQueues,
    deadline: float = 5,
    *,
    ledger_available: bool = True,
    consents: FakeConsents | None = None,
    **outcomes: Any,
) -> tuple[str, list[str]]:
    """Return the status, and which destinations were asked."""
    deliveries = {
        name: outcome if callable(outcome) else partial(Attempt, outcome, 1) for name, outcome in outcomes.items()
    }
    delivery = FakeDelivery(deliveries)
    policy = RetryPolicy(base=60, longest=21_600, max_age=259_200, retention=864_000)
    dispatch = DeliverToAll(
        cast("Any", delivery),
        cast("Any", consents or FakeConsents()),
        cast("Any", queues),
        policy,
        wall_clock=Clock(),
        jitter=lambda: 0.5,
    )
    sent = dispatch.send(form(*outcomes), SUBMISSION, Deadline.after(deadline), ledger_available=ledger_available)
    return sent.status, sorted(delivery.asked)


@pytest.mark.parametrize("outcome", [Delivered(), Superseded(), Skipped("no-identity")])
def test_what_every_destination_has_is_delivered(queues: FakeQueues, outcome: object) -> None:
    assert send(queues, a=outcome, b=outcome) == ("delivered", ["a", "b"])
    assert (queues.retried, queues.buried) == ([], [])


@pytest.mark.parametrize("outcome", [Queued("unavailable"), Held()])
def test_what_one_lacks_waits_in_the_retry_queue(queues: FakeQueues, outcome: object) -> None:
    assert send(queues, a=Delivered(), b=outcome)[0] == "accepted"
    ((message, delay),) = queues.retried
    assert (message.destination, message.submission, message.queued_at) == ("b", SUBMISSION, Clock().milliseconds)
    assert delay > 0


def test_what_no_retry_can_mend_is_accepted_and_buried_with_its_reason(queues: FakeQueues) -> None:
    assert send(queues, a=Parked("refused"))[0] == "accepted"
    (letter,) = queues.buried
    assert (letter.destination, letter.reason, letter.attempts) == ("a", "refused", 1)


def test_what_can_be_neither_delivered_nor_queued_is_not_accepted(queues: FakeQueues) -> None:
    queues.down = True
    with pytest.raises(Refusal, match="not-accepted"):
        send(queues, a=Delivered(), b=Queued("unavailable"))


def test_no_queue_is_needed_when_nothing_is_left(queues: FakeQueues) -> None:
    queues.down = True
    assert send(queues, a=Delivered())[0] == "delivered"


def test_without_the_ledger_everything_is_queued_and_nobody_asked(queues: FakeQueues) -> None:
    assert send(queues, a=Delivered(), b=Delivered(), ledger_available=False) == ("accepted", [])
    assert [message.destination for message, _ in queues.retried] == ["a", "b"]


def test_without_time_everything_is_queued_and_nobody_asked(queues: FakeQueues) -> None:
    assert send(queues, deadline=0, a=Delivered()) == ("accepted", [])


def test_a_delivery_that_does_not_end_is_queued_at_the_deadline(queues: FakeQueues) -> None:
    may_end = threading.Event()

    def hang() -> Attempt:
        may_end.wait(5)
        return Attempt(Delivered())

    status, _ = send(queues, deadline=0.1, a=hang, b=Delivered())
    may_end.set()
    assert status == "accepted"
    assert [message.destination for message, _ in queues.retried] == ["a"]


def test_one_receipt_is_kept_for_all_destinations_and_a_queued_message_says_so(queues: FakeQueues) -> None:
    consents = FakeConsents()
    send(queues, consents=consents, a=Delivered(), b=Queued("unavailable"))
    assert consents.kept == [SUBMISSION]
    ((message, _),) = queues.retried
    assert message.receipt_kept


def test_a_message_of_a_sign_up_without_the_ledger_says_that_its_receipt_is_not_kept(queues: FakeQueues) -> None:
    send(queues, ledger_available=False, a=Delivered())
    ((message, _),) = queues.retried
    assert not message.receipt_kept
