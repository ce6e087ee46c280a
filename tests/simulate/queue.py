"""The two queues in memory, behind the calls of boto3's SQS client that the relay makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.simulate.clock import Clock
from tests.simulate.table import Environment

RETRY, DEAD = "https://queues.example.com/retry", "https://queues.example.com/dead"
VISIBILITY_SECONDS = 180.0
RETENTION_SECONDS = 864_000.0
"""So long the queue keeps a message; then it drops it, whatever became of it."""
CALL_SECONDS = 0.01


@dataclass
class Held:
    """A message that the queue holds, or has held."""

    number: int
    body: str
    sent_at: float
    visible_at: float
    receives: int = 0
    deleted: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    """Of a dead letter: reason and the rest."""


class MemoryQueues:
    """What all environments share: the messages of both queues."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.retry: list[Held] = []
        self.dead: list[Held] = []

    def receivable(self, *, duplicate: bool) -> list[Held]:
        """Return what may be handed out: what is visible, or, as a duplicate, whatever was handed out before."""
        if duplicate:
            return [each for each in self.retry if each.receives > 0]
        return [each for each in self.waiting() if each.visible_at <= self.clock.now]

    def receive(self, message: Held) -> None:
        message.receives += 1
        message.visible_at = max(message.visible_at, self.clock.now + VISIBILITY_SECONDS)

    def waiting(self) -> list[Held]:
        oldest = self.clock.now - RETENTION_SECONDS
        return [each for each in self.retry if not each.deleted and each.sent_at > oldest]


class SqsView:
    """The SQS client of one environment."""

    def __init__(self, queues: MemoryQueues, environment: Environment) -> None:
        self._queues = queues
        self._environment = environment

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        kind = self._point()
        if kind != "no answer":
            for entry in Entries:
                self._store(QueueUrl, entry)
        self._end(kind)
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def _store(self, url: str, entry: dict[str, Any]) -> None:
        queue = self._queues.retry if url == RETRY else self._queues.dead
        now = self._queues.clock.now
        attributes = {name: each["StringValue"] for name, each in entry.get("MessageAttributes", {}).items()}
        visible_at = now + entry.get("DelaySeconds", 0)
        queue.append(Held(len(queue), entry["MessageBody"], now, visible_at, attributes=attributes))

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        kind = self._point()
        if kind != "no answer":
            message = self._queues.retry[int(ReceiptHandle)]
            message.visible_at = self._queues.clock.now + VisibilityTimeout
        self._end(kind)

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Sequence[str]) -> dict[str, Any]:  # noqa: N803
        return {"Attributes": {}}

    def _point(self) -> str:
        fault = self._environment.point("queue", CALL_SECONDS)
        return fault.kind if fault else ""

    def _end(self, kind: str) -> None:
        if kind == "crash after":
            self._environment.die()
        if kind in ("no answer", "lost answer"):
            raise ReadTimeoutError(endpoint_url="https://queues.example.com")
