"""Deliver to every destination at once, within the budget, and queue the rest before answering.

What this returns may be acknowledged: each destination has confirmed the contact, or SQS holds it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Literal

from functions.submit.refusal import Refusal
from shared.deadline import Deadline
from shared.delivery.deliver import Delivery
from shared.delivery.outcome import Attempt, Delivered, Parked, Queued, Skipped, Superseded, looked_at_again
from shared.delivery.outcome_for import EndEarly
from shared.errors import QueueUnavailable
from shared.forms import Destination, Form
from shared.jitter import system_jitter
from shared.ledger.answers import Told
from shared.ledger.consents import Consents
from shared.queue.messages import DeadLetter, Message
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.submission import Submission
from shared.telemetry import count, logger

Status = Literal["delivered", "accepted"]

MAX_DESTINATIONS_AT_ONCE = 32
GRACE_SECONDS = 0.25
"""A delivery ends by itself at its deadline; this is how much longer all of them are waited for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the visitor is told, and how each delivery has ended so far."""

    status: Status
    destinations: Mapping[str, Told]


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MAX_DESTINATIONS_AT_ONCE, thread_name_prefix="delivery")


@dataclass(frozen=True, slots=True)
class DeliverToAll:
    """Delivers a submission everywhere."""

    delivery: Delivery
    consents: Consents
    queues: Queues
    policy: RetryPolicy
    wall_clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = system_jitter
    threads: ThreadPoolExecutor = field(default_factory=_threads, repr=False)

    def send(self, form: Form, submission: Submission, deadline: Deadline, *, ledger_available: bool = True) -> Sent:
        """Return `delivered` where every destination confirmed it, else `accepted`, with what each of them did.

        Args:
            form: whose destinations are served.
            submission: what to deliver.
            deadline: when vendors' time is up.
            ledger_available: False when the ledger cannot guard deliveries: then everything is queued.

        Raises:
            Refusal: something could be neither delivered nor queued.
        """
        receipt = self.threads.submit(self.consents.keep, submission) if ledger_available else None
        attempted = self._deliver(form, submission, deadline, receipt) if receipt else _all_queued(form)
        done = (Delivered, Skipped, Superseded)
        left = {name: tried for name, tried in attempted.items() if not isinstance(tried.outcome, done)}
        try:
            self.enqueue(submission, left, receipt_kept=_is_kept(receipt))
        except QueueUnavailable as error:
            logger.error("not accepted", submission_id=submission.id, form=form.id, error=str(error))
            count("NotAccepted", form=form.id)
            raise Refusal("not-accepted") from None
        self._look_again(submission, attempted)
        told = {name: (tried.outcome.kind, tried.outcome.reason) for name, tried in attempted.items()}
        return Sent("accepted" if left else "delivered", told)

    def _deliver(
        self, form: Form, submission: Submission, deadline: Deadline, receipt: Future[None]
    ) -> dict[str, Attempt]:
        if deadline.passed:
            return _all_queued(form, "out-of-time")

        def ensure_receipt() -> None:
            try:
                receipt.result(deadline.remaining)
            except TimeoutError:  # the table is slow, which is no fault of ours
                raise EndEarly(Queued("out-of-time", is_attempt=False)) from None

        started = {
            destination.name: self.threads.submit(
                self.delivery.deliver, destination, submission, deadline, ensure_receipt
            )
            for destination in form.destinations
        }
        wait(started.values(), deadline.remaining + GRACE_SECONDS)
        return {name: _result(future) for name, future in started.items()}

    def _look_again(self, submission: Submission, attempted: dict[str, Attempt]) -> None:
        """Queue a second look at what a vendor works on later. The contact is confirmed, so no failure matters."""
        looks = {name: looked_at_again(tried.outcome) for name, tried in attempted.items()}
        again = {name: Attempt(look) for name, look in looks.items() if look}
        if not again:
            return
        try:
            self.enqueue(submission, again, receipt_kept=True)
        except QueueUnavailable as error:
            logger.warning("not looked at again", submission_id=submission.id, error=str(error))

    def enqueue(self, submission: Submission, left: dict[str, Attempt], *, receipt_kept: bool) -> None:
        """Queue what was not delivered, and make dead letters of what no retry can mend.

        Raises:
            QueueUnavailable: SQS did not take all of it.
        """
        now = int(self.wall_clock() * 1000)
        letters, retries = [], []
        for name, tried in left.items():
            delay = self.policy.wait(tried.outcome, tried.failed_attempts, receives=0, jitter=self.jitter())
            message = Message(
                destination=name,
                submission=submission,
                first_failed_at=now,
                queued_at=now,
                not_before=now + int(delay * 1000),
                receipt_kept=receipt_kept,
            )
            if isinstance(tried.outcome, Parked):
                letters.append(
                    DeadLetter.of(message, tried.outcome.reason, tried.failed_attempts, tried.cause, tried.answer)
                )
            else:
                retries.append((message, delay))
        self.queues.send_dead_letters(letters)
        self.queues.retry(retries)


def _all_queued(form: Form, reason: str = "ledger-unavailable") -> dict[str, Attempt]:
    def queued(destination: Destination) -> Attempt:
        count("Queued", destination=destination.name)
        return Attempt(Queued(reason, is_attempt=False))

    return {destination.name: queued(destination) for destination in form.destinations}


def _is_kept(receipt: Future[None] | None) -> bool:
    """Whether the consent receipt is known to be in the ledger."""
    return receipt is not None and receipt.done() and receipt.exception() is None


def _result(future: Future[Attempt]) -> Attempt:
    return future.result() if future.done() else Attempt(Queued("out-of-time"), failed_attempts=1)
