"""The retry side: one queued delivery, tried again, and what becomes of its message.

A record that returns is deleted by the event source; one that raises comes back after the delay set here
("Using Lambda with Amazon SQS", partial batch responses; "Amazon SQS visibility timeout").
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from shared.deadline import Deadline
from shared.delivery.deliver import Attempted, Delivery
from shared.delivery.outcome import Delivered, Held, Parked, Queued, Skipped, Superseded
from shared.delivery.outcome_for import meaning
from shared.errors import LedgerUnavailable, QueueUnavailable, RelayError
from shared.forms import Destination, FormBroken, FormNotFound, Forms
from shared.ledger.erasures import Erasures
from shared.ledger.holds import Holds
from shared.queue.messages import DeadLetter, Message, UnreadableMessage
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.telemetry import count, logger

EARLY_SECONDS = 60.0
"""SQS delays a new message by 15 minutes at most; one whose time is clearly later goes back until then."""


class NotYet(RelayError):
    """The message stays in the queue; raised so that the batch response names it."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Handles one record of the retry queue; safe to use from several threads.

    Attributes:
        budget: seconds that one attempt may take.
    """

    forms: Forms
    delivery: Delivery
    holds: Holds
    erasures: Erasures
    queues: Queues
    policy: RetryPolicy
    budget: float
    wall_clock: Callable[[], float] = time.time
    spread: Callable[[], float] = random.random

    def consume(self, record: SQSRecord, end: Deadline) -> None:
        """Try the delivery again.

        Args:
            record: the SQS record.
            end: when the invocation must be over.

        Raises:
            NotYet: the message waits for another attempt.
            QueueUnavailable: a dead letter could not be sent; the message stays.
        """
        try:
            message = Message.parse(record.body)
        except UnreadableMessage as error:
            logger.error("unreadable message", message_id=record.message_id, error=str(error))
            self._bury(DeadLetter(record.body, "unreadable"))
            return
        self._conclude(record, message, self._attempt(message, end))

    def _attempt(self, message: Message, end: Deadline) -> Attempted:
        early = message.not_before / 1000 - self.wall_clock()
        if early > EARLY_SECONDS:
            return Attempted(Queued("too-early", retry_in=early, counts=False))
        if end.passed:
            return Attempted(Queued("out-of-time", counts=False))
        try:
            if self.erasures.cover(message.submission):
                count("Erased", destination=message.destination)
                return Attempted(Superseded())
        except RelayError as error:
            return Attempted(meaning(error)[0])
        return self._deliver(message, end)

    def _deliver(self, message: Message, end: Deadline) -> Attempted:
        try:
            destination = self._destination(message)
        except (FormNotFound, LookupError):
            return Attempted(Parked("unknown-destination"))
        except FormBroken as broken:
            logger.error("form is broken", file=broken.file, problems=broken.problems)
            return Attempted(Queued("form-broken", counts=False))
        deadline = Deadline.after(min(self.budget, end.remaining))
        return self.delivery.deliver(destination, message.submission, deadline)

    def _destination(self, message: Message) -> Destination:
        form = self.forms.get(message.submission.form)
        for destination in form.destinations:
            if destination.name == message.destination:
                return destination
        raise LookupError(message.destination)

    def _conclude(self, record: SQSRecord, message: Message, attempted: Attempted) -> None:
        match attempted.outcome:
            case Delivered() | Skipped() | Superseded():
                return
            case Parked(reason):
                self._bury(DeadLetter.of(message, reason, attempted.attempts))
            case Held() | Queued() as waiting:
                final = self._given_up(record, message, waiting)
                if final is None:
                    self._postpone(record, message, attempted)
                else:
                    self._bury(DeadLetter.of(message, final, attempted.attempts))

    def _given_up(self, record: SQSRecord, message: Message, outcome: Held | Queued) -> str | None:
        """Return why no further attempt is made, if so. The queue's own clock counts: it is what drops messages."""
        now = self.wall_clock()
        queued_at = min(int(record.attributes.sent_timestamp), message.queued_at)
        age = now - queued_at / 1000
        if isinstance(outcome, Held):
            return "credentials" if self.policy.about_to_vanish(age) else None
        try:
            held = self.holds.of(message.destination).held_since(queued_at, int(now * 1000))
        except LedgerUnavailable:
            held = age  # without the ledger nothing can be said of holds; only the retention ends it
        return f"exhausted-{outcome.reason}" if self.policy.given_up(age, held) else None

    def _postpone(self, record: SQSRecord, message: Message, attempted: Attempted) -> None:
        receives = int(record.attributes.approximate_receive_count)
        wait = self.policy.wait(attempted.outcome, attempted.attempts, receives, self.spread())
        try:
            self.queues.postpone(record.receipt_handle, wait)
        except QueueUnavailable as error:
            logger.warning("delay not set; the queue's own applies", error=str(error))
        raise NotYet(f"{message.destination}: {getattr(attempted.outcome, 'reason', '')}, again in {round(wait)} s")

    def _bury(self, letter: DeadLetter) -> None:
        self.queues.bury([letter])
        logger.error(
            "dead letter",
            destination=letter.destination,
            form=letter.form,
            submission_id=letter.submission_id,
            reason=letter.reason,
            attempts=letter.attempts,
        )
