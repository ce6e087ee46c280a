"""Looking through a queue. SQS has no browsing: what is to be seen has to be received, which hides it from all others.

So everything visible is received under one visibility timeout, looked at, and made visible again unless it was deleted.
A command that is killed in between loses nothing: the messages come back when the timeout ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from cli.deployment import Deployment
from shared.aws.limits import MAX_VISIBILITY_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 300
"""Visibility timeout of a look: time for tens of thousands of messages, ten at a time."""

REPEATS = 3
"""Answers in a row without a new message that end a look: a standard queue may hand one out twice."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands in the queue. `sent_at`: seconds since the epoch."""

    message_id: str
    receipt_handle: str = field(repr=False)
    body: str = field(repr=False)
    attributes: Mapping[str, str]
    sent_at: float

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """Read a message of `ReceiveMessage`."""
        attributes = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
        sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
        return cls(message["MessageId"], message["ReceiptHandle"], message["Body"], attributes, sent_at)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue holds, about: SQS counts approximately."""

    visible: int
    delayed: int
    in_flight: int

    @property
    def out_of_sight(self) -> int:
        """What no look can reach now."""
        return self.delayed + self.in_flight


def depth(client: SQSClient, url: str) -> Depth:
    """Ask how many messages a queue holds."""
    suffixes = ("", "Delayed", "NotVisible")
    names: Any = [f"ApproximateNumberOfMessages{suffix}" for suffix in suffixes]
    attributes: Any = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return Depth(*(int(attributes[name]) for name in names))


class Sweep(AbstractContextManager["Sweep"]):
    """Every visible message of one queue, hidden from others until the block ends."""

    def __init__(self, deployment: Deployment, url: str, hidden_seconds: float = HIDDEN_SECONDS) -> None:
        self._client = deployment.sqs
        self._patience = deployment.patience
        self._url = url
        self._hidden_seconds = min(round(hidden_seconds), MAX_VISIBILITY_SECONDS)
        self._held: dict[str, Received] = {}
        self.out_of_sight = 0
        """About how many messages could not be looked at: delayed, or in somebody else's hands."""

    def __enter__(self) -> Self:
        self.out_of_sight = depth(self._client, self._url).out_of_sight
        try:
            self._collect()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._release()

    def __iter__(self) -> Iterator[Received]:
        """Go through the messages, the oldest first; a loop may delete."""
        return iter(sorted(self._held.values(), key=lambda received: received.sent_at))

    def __len__(self) -> int:
        return len(self._held)

    def delete(self, received: Received) -> None:
        """Take a message out of the queue for good."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=received.receipt_handle)
        self._held.pop(received.message_id, None)

    def _collect(self) -> None:
        repeats = 0
        while repeats < REPEATS and (batch := self._receive()):
            known = len(self._held)
            # Of a message that came twice the newer handle is the valid one ("DeleteMessage").
            self._held.update({received.message_id: received for received in batch})
            repeats = repeats + 1 if len(self._held) == known else 0

    def _receive(self) -> list[Received]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=self._hidden_seconds,
            WaitTimeSeconds=self._patience,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        return [Received.of(message) for message in answer.get("Messages", [])]

    def _release(self) -> None:
        """Make visible what is still there; where SQS refuses, the timeout does it."""
        left = iter(self._held.values())
        while batch := list(islice(left, 10)):
            entries: Any = [
                {"Id": str(index), "ReceiptHandle": received.receipt_handle, "VisibilityTimeout": 0}
                for index, received in enumerate(batch)
            ]
            self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
        self._held.clear()
