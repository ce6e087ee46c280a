"""The retry queue and the dead-letter queue: sending to them, and putting off what was received."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.limits import CROWDED_IN_FLIGHT, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_DELAY_SECONDS
from shared.errors import QueueUnavailable
from shared.queue.messages import DeadLetter, Message
from shared.telemetry import count

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_ATTRIBUTES_BYTES = 8192
"""Room for the attributes of one message."""

CROWD_CACHE_SECONDS = 60.0


class Queues:
    """Sends to both queues. A call that returns means that SQS holds every message."""

    def __init__(
        self,
        client: SQSClient,
        retry_url: str,
        dead_letter_url: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._retry_url = retry_url
        self._dead_letter_url = dead_letter_url
        self._monotonic = monotonic
        self._crowd_read_at = float("-inf")
        self._crowded = False

    def retry(self, deliveries: Sequence[tuple[Message, float]]) -> None:
        """Queue deliveries, each with its delay in seconds.

        Raises:
            QueueUnavailable: SQS did not take all of them.
        """
        self._send(
            self._retry_url,
            [
                {
                    "MessageBody": message.body,
                    "DelaySeconds": min(round(delay), MAX_DELAY_SECONDS),
                    # One destination's backlog does not keep others waiting ("Amazon SQS fair queues").
                    "MessageGroupId": message.destination,
                }
                for message, delay in deliveries
            ],
        )

    def send_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Put dead letters where a person finds them, and count them.

        Raises:
            QueueUnavailable: SQS did not take all of them.
        """
        self._send(
            self._dead_letter_url,
            [{"MessageBody": letter.body, "MessageAttributes": letter.attributes} for letter in letters],
        )
        for letter in letters:
            count("DeadLetters", destination=letter.destination)

    def postpone(self, receipt_handle: str, delay: float) -> None:
        """Hide a received message for `delay` seconds more.

        Raises:
            QueueUnavailable: SQS refused; the message comes back when its visibility timeout ends.
        """
        with _translated():
            self._client.change_message_visibility(
                QueueUrl=self._retry_url, ReceiptHandle=receipt_handle, VisibilityTimeout=round(delay)
            )

    def is_crowded(self) -> bool:
        """Whether so many messages are in flight that waiting ones should be delayed instead of hidden.

        Read once a minute; what cannot be read counts as no.
        """
        now = self._monotonic()
        if now >= self._crowd_read_at + CROWD_CACHE_SECONDS:
            self._crowd_read_at, self._crowded = now, self._in_flight() > CROWDED_IN_FLIGHT
        return self._crowded

    def _in_flight(self) -> int:
        name: QueueAttributeNameType = "ApproximateNumberOfMessagesNotVisible"
        try:
            with _translated():
                answer = self._client.get_queue_attributes(QueueUrl=self._retry_url, AttributeNames=[name])
        except QueueUnavailable:
            return 0
        return int(answer.get("Attributes", {}).get(name, 0))

    def _send(self, url: str, entries: Sequence[Mapping[str, Any]]) -> None:
        for part in _batches(entries):
            refused = self._send_batch(url, part)
            # A single entry may fail for a moment ("SendMessageBatch"); a second try costs less than a lost visitor.
            still = self._send_batch(url, refused) if refused else []
            if still:
                raise QueueUnavailable(f"SQS refused {len(still)} of {len(part)} messages")

    def _send_batch(self, url: str, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Send a batch; return the entries that SQS did not take."""
        batch: list[Any] = [{"Id": str(index), **entry} for index, entry in enumerate(entries)]
        with _translated():
            answer = self._client.send_message_batch(QueueUrl=url, Entries=batch)
        return [entries[int(failed["Id"])] for failed in answer.get("Failed", [])]


def _batches(entries: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Cut `entries` into what SQS takes in one call ("SendMessageBatch")."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for entry in entries:
        own = len(entry["MessageBody"].encode()) + _ATTRIBUTES_BYTES
        if batch and (len(batch) == MAX_BATCH_ENTRIES or size + own > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += own
    if batch:
        yield batch


@contextmanager
def _translated() -> Generator[None]:
    """Raise `QueueUnavailable` instead of botocore's errors."""
    try:
        yield
    except ClientError as error:
        raise QueueUnavailable(f"SQS answered {error.response.get('Error', {}).get('Code', 'unknown')}") from None
    except BotoCoreError as error:
        raise QueueUnavailable(f"SQS: {type(error).__name__}") from None
