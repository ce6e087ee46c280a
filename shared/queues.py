"""The retry queue and the dead-letter queue: what a message says, and how it is sent.

A message carries the whole sign-up, encrypted at rest by SQS; both queues are therefore stores of personal data.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from shared.errors import QueueUnavailable, RelayError
from shared.problems import problems_of
from shared.submission import Submission

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS = 900
"""SQS accepts no longer `DelaySeconds` ("Amazon SQS message timers")."""

MAX_VISIBILITY_SECONDS = 43_200
"""SQS hides a received message for 12 hours at most, counted from when it was received ("Amazon SQS visibility
timeout")."""

MAX_BATCH_ENTRIES = 10
MAX_BATCH_BYTES = 240 * 1024
"""What we put into one `SendMessageBatch`, bodies and attributes together. SQS takes 1 MiB ("Amazon SQS message
quotas"); this also fits services that still stop at 256 KiB."""

_ATTRIBUTES_BYTES = 2048
"""Room for the attributes of one message; they are short."""


class UnreadableMessage(RelayError):
    """A message that this version cannot understand; the text says which part, never what it held."""


class Message(BaseModel):
    """One delivery that still has to be made. Times are milliseconds since the epoch.

    Version 2 tells `queued_at`, from which the age counts and which a replay renews, from `first_failed_at`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[2] = 2
    destination: Annotated[str, StringConstraints(min_length=1)]
    submission: Submission
    first_failed_at: int
    queued_at: int
    not_before: int = 0
    """The vendor's `Retry-After` may lie beyond what SQS can delay a new message by."""

    @property
    def body(self) -> str:
        """The message's text. SQS refuses some characters of Unicode, so all but ASCII is escaped."""
        return self.model_dump_json(exclude_none=True, ensure_ascii=True)

    @model_validator(mode="before")
    @classmethod
    def _upgraded(cls, data: Any) -> Any:
        """Understand the previous version: a message may be older than the code that reads it."""
        if isinstance(data, dict) and data.get("version") == 1:
            return {**data, "version": 2, "queued_at": data.get("first_failed_at")}
        return data

    @classmethod
    def parse(cls, body: str) -> Message:
        """Read a message's body.

        Raises:
            UnreadableMessage: not JSON, an unknown version, or a part is missing.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            where = sorted({place or "body" for place, _ in problems_of(error)})
            raise UnreadableMessage(f"unreadable at {', '.join(where)}") from None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that no retry can mend, with what a person needs to decide about it."""

    body: str
    reason: str
    destination: str = "unknown"
    form: str = "unknown"
    submission_id: str = "unknown"
    attempts: int = 0
    first_failed_at: int = 0

    @classmethod
    def of(cls, message: Message, reason: str, attempts: int) -> DeadLetter:
        """Return the dead letter of a readable message."""
        return cls(
            message.body,
            reason,
            message.destination,
            message.submission.form,
            message.submission.id,
            attempts,
            message.first_failed_at,
        )

    @property
    def attributes(self) -> dict[str, Any]:
        """The SQS message attributes."""
        at = datetime.fromtimestamp(self.first_failed_at / 1000, UTC).isoformat(timespec="seconds")
        texts = {
            "reason": self.reason,
            "destination": self.destination,
            "form": self.form,
            "submission_id": self.submission_id,
            "first_failed_at": at,
        }
        return {
            # SQS refuses an empty value.
            **{name: {"DataType": "String", "StringValue": text or "unknown"} for name, text in texts.items()},
            "attempts": {"DataType": "Number", "StringValue": str(self.attempts)},
        }


class Queues:
    """Sends to both queues. A call that returns means that SQS holds every message."""

    def __init__(
        self,
        client: SQSClient,
        retry_url: str,
        dead_letter_url: str,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._retry_url = retry_url
        self._dead_letter_url = dead_letter_url
        self._wall_clock = wall_clock

    def retry(self, deliveries: Sequence[tuple[Message, float]]) -> None:
        """Queue deliveries, each with its delay in seconds.

        Raises:
            QueueUnavailable: SQS did not take all of them.
        """
        self._send(
            self._retry_url,
            [
                {"MessageBody": message.body, "DelaySeconds": min(round(delay), MAX_DELAY_SECONDS)}
                for message, delay in deliveries
            ],
        )

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Put dead letters where a person finds them.

        Raises:
            QueueUnavailable: SQS did not take all of them.
        """
        self._send(
            self._dead_letter_url,
            [{"MessageBody": letter.body, "MessageAttributes": letter.attributes} for letter in letters],
        )

    def postpone(self, receipt_handle: str, delay: float) -> None:
        """Hide a received message for `delay` seconds more.

        Raises:
            QueueUnavailable: SQS refused; the message comes back when its visibility timeout ends.
        """
        with _translated():
            self._client.change_message_visibility(
                QueueUrl=self._retry_url, ReceiptHandle=receipt_handle, VisibilityTimeout=round(delay)
            )

    def _send(self, url: str, entries: Sequence[Mapping[str, Any]]) -> None:
        for part in _batches(entries):
            batch: list[Any] = [{"Id": str(index), **entry} for index, entry in enumerate(part)]
            with _translated():
                answer = self._client.send_message_batch(QueueUrl=url, Entries=batch)
            if answer.get("Failed"):
                raise QueueUnavailable(f"SQS refused {len(answer['Failed'])} of {len(batch)} messages")


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
