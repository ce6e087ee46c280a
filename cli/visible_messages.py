"""Reads every visible message of a queue. SQS has no browsing: to see a message is to receive it, which hides it.

So all visible messages are received under one visibility timeout and made visible again, unless they were deleted.
A command that is killed loses nothing: the messages come back when the timeout ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from cli.deployment import Deployment
from shared.aws.limits import MAX_BATCH_ENTRIES, MAX_VISIBILITY_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

VISIBILITY_SECONDS = 300
"""Default visibility timeout: enough to receive tens of thousands of messages, ten at a time."""

MAX_REPEATED_BATCHES = 3
"""Stop after this many batches without a new message: a standard queue may deliver one twice."""


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message of a queue. `sent_at`: seconds since the epoch."""

    message_id: str
    receipt_handle: str = field(repr=False)
    body: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)
    sent_at: float

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """Read a message of `ReceiveMessage`."""
        attributes = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
        sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
        return cls(message["MessageId"], message["ReceiptHandle"], message["Body"], attributes, sent_at)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds, approximately."""

    visible: int
    delayed: int
    in_flight: int

    @property
    def hidden(self) -> int:
        """Messages that cannot be received now."""
        return self.delayed + self.in_flight


def depth(client: SQSClient, url: str) -> Depth:
    """Ask how many messages a queue holds."""
    suffixes = ("", "Delayed", "NotVisible")
    names: Any = [f"ApproximateNumberOfMessages{suffix}" for suffix in suffixes]
    attributes: Any = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return Depth(*(int(attributes[name]) for name in names))


class VisibleMessages(AbstractContextManager["VisibleMessages"]):
    """Every visible message of one queue, hidden from other receivers until the block ends."""

    def __init__(
        self,
        deployment: Deployment,
        url: str,
        visibility_seconds: float = VISIBILITY_SECONDS,
        advance: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = deployment.sqs
        self._poll_seconds = deployment.poll_seconds
        self._url = url
        self._visibility_seconds = min(round(visibility_seconds), MAX_VISIBILITY_SECONDS)
        self._advance = advance
        self._messages: dict[str, ReceivedMessage] = {}
        self.depth = Depth(0, 0, 0)
        """How many messages the queue held when the block began."""

    def __enter__(self) -> Self:
        self.depth = depth(self._client, self._url)
        try:
            self._receive_all()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._release()

    def __iter__(self) -> Iterator[ReceivedMessage]:
        """Return the messages, the oldest first; the loop may delete them."""
        return iter(sorted(self._messages.values(), key=lambda message: message.sent_at))

    def __len__(self) -> int:
        return len(self._messages)

    def delete(self, message: ReceivedMessage) -> None:
        """Delete a message from the queue."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt_handle)
        self._messages.pop(message.message_id, None)

    def _receive_all(self) -> None:
        repeated = 0
        while repeated < MAX_REPEATED_BATCHES and (batch := self._receive()):
            known = len(self._messages)
            # Of a message that came twice only the newer handle is valid ("DeleteMessage").
            self._messages.update({message.message_id: message for message in batch})
            for _ in range(len(self._messages) - known):
                self._advance()
            repeated = repeated + 1 if len(self._messages) == known else 0

    def _receive(self) -> list[ReceivedMessage]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MAX_BATCH_ENTRIES,
            VisibilityTimeout=self._visibility_seconds,
            WaitTimeSeconds=self._poll_seconds,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [ReceivedMessage.of(message) for message in answer.get("Messages", [])]

    def _release(self) -> None:
        """Make the remaining messages visible again; where SQS refuses, the timeout does it."""
        left = iter(self._messages.values())
        while batch := list(islice(left, MAX_BATCH_ENTRIES)):
            entries: Any = [
                {"Id": str(index), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": 0}
                for index, message in enumerate(batch)
            ]
            self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        self._messages.clear()
