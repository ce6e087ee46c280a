"""A batch of retries: all people at once, the messages of one person one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.retry.consumer import Consumer
from shared.aws.dynamodb import Item
from shared.composition import ENQUEUE_RESERVE_SECONDS
from shared.deadline import Deadline
from shared.delivery.outcome import Attempt
from shared.queue.messages import Message, NewerVersion, UnreadableMessage

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

RECORDS_AT_ONCE = 10
"""Matches `BatchSize` in `template.yaml`; extra records wait for a thread."""


def consume_all(
    consumer: Consumer, event: dict[str, Any], context: LambdaContext, threads: ThreadPoolExecutor | None = None
) -> PartialItemFailureResponse:
    """Try every record of an SQS event; return the partial batch response."""
    end = Deadline.after(context.get_remaining_time_in_millis() / 1000 - ENQUEUE_RESERVE_SECONDS, consumer.monotonic)
    records = [SQSRecord(record) for record in event.get("Records", [])]
    if not records:
        return {"batchItemFailures": []}
    attempts = _Attempts(consumer, records, end, threads or _threads())

    def conclude(record: SQSRecord) -> None:
        attempts.conclude(record)

    # When every record failed, Powertools would raise, with the records' tracebacks in the error.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    try:
        return process_partial_response(event, conclude, processor, context=context)
    finally:
        consumer.waiting.emit()


class _Attempts:
    """The attempts at a batch's records, started at once."""

    def __init__(
        self, consumer: Consumer, records: Sequence[SQSRecord], end: Deadline, threads: ThreadPoolExecutor
    ) -> None:
        self._consumer = consumer
        self._end = end
        self._threads = threads
        self._messages = {record.message_id: _parsed(record) for record in records}
        self._under_way = self._start()

    def _start(self) -> dict[str, Future[dict[str, Attempt]]]:
        """Start one job per person and destination: two messages of one person would wait for each other's lease."""
        groups: dict[Any, list[tuple[str, Message]]] = defaultdict(list)
        for message_id, message in self._messages.items():
            if isinstance(message, Message):
                contact = message.submission.contact
                groups[message.destination, contact.email, contact.phone].append((message_id, message))
        known = self._read_ledger([group[0][1] for group in groups.values()][:RECORDS_AT_ONCE])
        started = {}
        for number, group in enumerate(groups.values()):
            job = self._threads.submit(self._one_after_the_other, group, known if number < RECORDS_AT_ONCE else None)
            started.update({message_id: job for message_id, _ in group})
        return started

    def _read_ledger(self, messages: Sequence[Message]) -> Mapping[str, Item] | None:
        """Read for all of them in one call; where that fails, each reads for itself, and finds out by itself."""
        try:
            return self._consumer.read_ledger(messages)
        except Exception:  # noqa: BLE001  one message's fault must not become its neighbours'
            return None

    def _one_after_the_other(
        self, group: list[tuple[str, Message]], known: Mapping[str, Item] | None
    ) -> dict[str, Attempt]:
        attempts = {}
        for message_id, message in sorted(group, key=lambda each: each[1].submission.stamp):
            attempts[message_id] = self._consumer.attempt(message, self._end, known)
            known = None  # a later one's turn may come much later
        return attempts

    def conclude(self, record: SQSRecord) -> None:
        message = self._messages[record.message_id]
        if isinstance(message, NewerVersion):
            self._consumer.keep_newer(record, message)
        elif isinstance(message, UnreadableMessage):
            self._consumer.refuse_unreadable(record, message)
        else:
            self._consumer.conclude(record, message, self._attempt(record.message_id, message))

    def _attempt(self, message_id: str, message: Message) -> Attempt:
        attempt = self._under_way[message_id].result()[message_id]
        if attempt.outcome.reason != "circuit-open" or not self._has_recovered(message.destination):
            return attempt
        # A neighbour's probe has closed the circuit, so there is no need to wait for another round.
        return self._consumer.attempt(message, self._end)

    def _has_recovered(self, destination: str) -> bool:
        neighbours = (
            self._under_way[message_id].result()[message_id]
            for message_id, message in self._messages.items()
            if isinstance(message, Message) and message.destination == destination
        )
        return any(attempt.outcome.kind == "delivered" for attempt in neighbours)


def _parsed(record: SQSRecord) -> Message | UnreadableMessage:
    try:
        return Message.parse(record.body)
    except UnreadableMessage as error:
        return error


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """As many as a batch holds; they mostly wait for vendors."""
    return ThreadPoolExecutor(RECORDS_AT_ONCE, thread_name_prefix="record")
