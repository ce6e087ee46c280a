"""The retry side: one queued delivery, tried again, and what becomes of its message.

A record that returns is deleted by the event source; one that raises comes back after the delay set here
("Using Lambda with Amazon SQS", partial batch responses; "Amazon SQS visibility timeout").
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.retry.waiting import Waiting
from shared.aws.dynamodb import Item, Table
from shared.aws.limits import MAX_DELAY_SECONDS
from shared.deadline import Deadline, Monotonic
from shared.delivery.deliver import Delivery, receipt_is_kept
from shared.delivery.outcome import Attempt, Held, Parked, Queued, Skipped, Superseded, looked_at_again
from shared.delivery.outcome_for import EndEarly, cause_of, outcome_for
from shared.errors import LedgerUnavailable, QueueUnavailable, RelayError
from shared.forms import Destination, FormBroken, FormNotFound, Forms
from shared.jitter import system_jitter
from shared.ledger import erasures, gates, retries
from shared.ledger.consents import Consents
from shared.ledger.gates import Gates
from shared.ledger.person_hashing import PersonHasher
from shared.queue.messages import DeadLetter, Message, NewerVersion, UnreadableMessage
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.telemetry import count, logger

EARLY_SECONDS = 60.0
"""A message that comes more than this before its time goes back to the queue: SQS delays 15 minutes at most."""

DEPLOYMENT_SECONDS = 3600.0
"""For so long a message that this code does not understand is tried again: a deployment may be under way."""

NOT_UNDERSTOOD = frozenset({"unknown-destination", "newer-version"})
"""Reasons to wait for a deployment."""


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
    consents: Consents
    hasher: PersonHasher
    gates: Gates
    table: Table
    queues: Queues
    policy: RetryPolicy
    budget: float
    waiting: Waiting
    wall_clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = system_jitter
    monotonic: Monotonic = time.monotonic

    def attempt(self, message: Message, end: Deadline, known: Mapping[str, Item] | None = None) -> Attempt:
        """Try a delivery, if it is due. Never raises: whatever happens is an outcome.

        Args:
            message: the delivery.
            end: when the invocation's time is up.
            known: what `read_ledger` has just returned for this message and others; None to read for it alone.
        """
        try:
            self._check_due(message, end)
            destination = self._destination(message)
            if self._is_erased(message, known):
                count("Erased", destination=message.destination)
                return Attempt(Superseded())
        except Exception as error:  # noqa: BLE001  a defect must not fail the person's other messages
            return self._failed_early(message, error)
        deadline = Deadline.after(min(self.budget, end.remaining), self.monotonic)
        ensure_receipt = receipt_is_kept if message.receipt_kept else partial(self.consents.keep, message.submission)
        return self.delivery.deliver(destination, message.submission, deadline, ensure_receipt)

    def _failed_early(self, message: Message, error: Exception) -> Attempt:
        outcome, cause = outcome_for(error), cause_of(error)
        if not isinstance(error, RelayError):
            logger.error("defect in a retry", destination=message.destination, error=cause)
            count("Defect", destination=message.destination)
        elif not isinstance(error, EndEarly):
            logger.warning("not tried", destination=message.destination, reason=outcome.reason, error=cause)
        return Attempt(outcome, cause=cause)

    def _check_due(self, message: Message, end: Deadline) -> None:
        early = message.not_before / 1000 - self.wall_clock()
        if early > EARLY_SECONDS:
            raise EndEarly(Queued("too-early", retry_in=early, is_attempt=False))
        if end.passed:
            raise EndEarly(Queued("out-of-time", is_attempt=False))

    def _destination(self, message: Message) -> Destination:
        try:
            form = self.forms.get(message.submission.form)
        except FormNotFound:
            raise EndEarly(Queued("unknown-destination", is_attempt=False)) from None
        except FormBroken as broken:
            broken.report(message.submission.form)
            raise EndEarly(Queued("form-broken", is_attempt=False)) from None
        found = [destination for destination in form.destinations if destination.name == message.destination]
        if not found:
            raise EndEarly(Queued("unknown-destination", is_attempt=False))
        return found[0]

    def _is_erased(self, message: Message, known: Mapping[str, Item] | None) -> bool:
        """Whether the person asked to be forgotten meanwhile."""
        people = self.hasher.of_contact(message.submission.contact)
        items = self.read_ledger([message]) if known is None else known
        return erasures.covers(items, people, message.submission.received_at)

    def read_ledger(self, messages: Sequence[Message]) -> dict[str, Item]:
        """Return the marks of erasure of these messages' people, by key. The same call brings the gates not known yet.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        people = {hashed for message in messages for hashed in self.hasher.of_contact(message.submission.contact)}
        destinations = {message.destination for message in messages}
        unknown = [destination for destination in destinations if self.gates.cached(destination) is None]
        items = self.table.get_many([*map(erasures.key, people), *map(gates.key, unknown)])
        for destination in unknown:
            self.gates.remember(destination, items.get(gates.key(destination)))
        return items

    def conclude(self, record: SQSRecord, message: Message, attempt: Attempt) -> None:
        """Let the message go, put it off, or make a dead letter of it.

        Raises:
            NotYet: it stays in the queue.
            QueueUnavailable: a dead letter or a delayed copy could not be sent; the message stays.
        """
        match looked_at_again(attempt.outcome) or attempt.outcome:
            case Parked(reason):
                self.give_up(message, reason, attempt)
            case Held() | Queued() as outcome:
                final = self._final_reason(record, message, outcome, attempt)
                if final is None:
                    self.postpone(record, message, outcome, attempt)
                else:
                    self.give_up(message, final, attempt)
            case ended:
                # A skip leaves no other trace, and what was noted as waiting needs a note of its end.
                if isinstance(ended, Skipped) or (attempt.failed_attempts and _receives(record) > 1):
                    self._note(message, ended.kind, ended.reason, attempt)

    def refuse_unreadable(self, record: SQSRecord, error: UnreadableMessage) -> None:
        """Make a dead letter of what is no message of ours, at once."""
        logger.error("unreadable message", message_id=record.message_id, error=str(error))
        self.queues.send_dead_letters([DeadLetter(record.body, "unreadable", cause=str(error))])

    def keep_newer(self, record: SQSRecord, error: NewerVersion) -> None:
        """Leave a message of a later version to the code that is on its way, for an hour.

        Raises:
            NotYet: it stays in the queue.
        """
        age = self.wall_clock() - int(record.attributes.sent_timestamp) / 1000
        if age >= DEPLOYMENT_SECONDS:
            logger.error("unreadable message", message_id=record.message_id, error=str(error))
            self.queues.send_dead_letters([DeadLetter(record.body, "newer-version", cause=str(error))])
            return
        self._hide(
            record, self.policy.wait(Queued("newer-version", is_attempt=False), 0, _receives(record), self.jitter())
        )
        raise NotYet("a message of a later version")

    def _final_reason(
        self, record: SQSRecord, message: Message, outcome: Held | Queued, attempt: Attempt
    ) -> str | None:
        """Return why no further attempt is made, if so. Age counts from when SQS got the message, as SQS counts."""
        now = self.wall_clock()
        queued_at = min(int(record.attributes.sent_timestamp), message.queued_at)
        age = now - queued_at / 1000
        if isinstance(outcome, Held):
            return "credentials" if self.policy.about_to_vanish(age) else None
        if outcome.reason in NOT_UNDERSTOOD:
            return outcome.reason if age >= DEPLOYMENT_SECONDS else None
        if outcome.most_attempts is not None and _attempts(record, outcome, attempt) >= outcome.most_attempts:
            return outcome.reason
        try:
            held = self.gates.of(message.destination).held_seconds_since(queued_at, int(now * 1000))
        except LedgerUnavailable:
            held = age  # without the ledger nothing can be said of holds; only the retention ends it
        return f"exhausted-{outcome.reason}" if self.policy.given_up(age, held) else None

    def postpone(self, record: SQSRecord, message: Message, outcome: Held | Queued, attempt: Attempt) -> None:
        """Put a message off until its next attempt is due.

        Raises:
            NotYet: it stays in the queue.
            QueueUnavailable: a delayed copy could not be sent; the message stays.
        """
        wait = self.policy.wait(outcome, _attempts(record, outcome, attempt), _receives(record), self.jitter())
        self.waiting.note(message.destination, outcome.reason, self.wall_clock() - message.queued_at / 1000)
        if self.queues.is_crowded():
            # A hidden message is in flight, of which there can be 120,000; a delayed one is not. The copy's receives
            # count from one again, so its waits would not grow: it waits as long as a delay can be.
            not_before = int((self.wall_clock() + max(wait, MAX_DELAY_SECONDS)) * 1000)
            self.queues.retry([(message.model_copy(update={"not_before": not_before}), MAX_DELAY_SECONDS)])
            return
        self._hide(record, wait)
        if isinstance(outcome, Queued) and outcome.is_attempt:
            again_at = int((self.wall_clock() + wait) * 1000)
            self._note(message, retries.WAITING, outcome.reason, attempt, again_at, record.receipt_handle)
        raise NotYet(f"{message.destination}: {outcome.reason}, again in {round(wait)} s")

    def _note(
        self,
        message: Message,
        state: str,
        reason: str | None,
        attempt: Attempt,
        again_at: int = 0,
        handle: str = "",
    ) -> None:
        """Note what became of an attempt, for people who ask. No delivery depends on it."""
        submission = message.submission
        try:
            retry = retries.Retry(
                submission_id=submission.id,
                form=submission.form,
                destination=message.destination,
                state=state,
                reason=reason,
                attempts=attempt.failed_attempts,
                cause=attempt.cause,
                first_failed_at=message.first_failed_at,
                tried_at=int(self.wall_clock() * 1000),
                received_at=submission.received_at,
                people=frozenset(self.hasher.of_contact(submission.contact)),
                again_at=again_at,
                handle=handle,
            )
            retries.note(self.table, retry)
        except RelayError as error:
            logger.warning("attempt not noted", destination=message.destination, error=str(error))

    def _hide(self, record: SQSRecord, seconds: float) -> None:
        try:
            self.queues.postpone(record.receipt_handle, seconds)
        except QueueUnavailable as error:
            logger.warning("delay not set; the queue's own applies", error=str(error))

    def give_up(self, message: Message, reason: str, attempt: Attempt) -> None:
        """Make a dead letter of a message.

        Raises:
            QueueUnavailable: SQS did not take it.
        """
        letter = DeadLetter.of(message, reason, attempt.failed_attempts, attempt.cause, attempt.answer)
        self.queues.send_dead_letters([letter])
        self._note(message, "dead-letter", reason, attempt)
        logger.error(
            "dead letter",
            destination=letter.destination,
            form=letter.form,
            submission_id=letter.submission_id,
            reason=letter.reason,
            attempts=letter.attempts,
            error=letter.cause,
        )


def _receives(record: SQSRecord) -> int:
    return int(record.attributes.approximate_receive_count)


def _attempts(record: SQSRecord, outcome: Held | Queued, attempt: Attempt) -> int:
    """Return the failed attempts; a defect may have kept them from being counted, so there the receives count too."""
    is_limited = isinstance(outcome, Queued) and outcome.most_attempts is not None
    return max(attempt.failed_attempts, _receives(record) if is_limited else 0)
