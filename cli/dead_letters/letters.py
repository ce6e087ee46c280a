"""Dead letters as a person judges them: by attributes, without the person they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from cli.console import moment
from cli.visible_messages import Received
from shared.queue.messages import Message, UnreadableMessage

RECEIVED_TOO_OFTEN = "received-too-often"
"""The reason of a letter without one: not the relay buried it, the queue's redrive policy moved it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter; `message` is None when its body cannot be understood."""

    received: Received
    reason: str
    destination: str
    form: str
    submission_id: str
    attempts: int
    first_failed_at: str | None
    message: Message | None = field(repr=False)

    @classmethod
    def of(cls, received: Received) -> Self:
        """Read what stands in the dead-letter queue."""
        said = received.attributes
        try:
            message: Message | None = Message.parse(received.body)
        except UnreadableMessage:
            message = None
        failed_at = message.first_failed_at if message else 0
        return cls(
            received=received,
            reason=said.get("reason", RECEIVED_TOO_OFTEN),
            destination=message.destination if message else said.get("destination", "unknown"),
            form=message.submission.form if message else said.get("form", "unknown"),
            submission_id=message.submission.id if message else said.get("submission_id", "unknown"),
            attempts=int(said.get("attempts", 0)),
            first_failed_at=moment(failed_at / 1000) if failed_at else None,
            message=message,
        )

    @property
    def row(self) -> dict[str, Any]:
        """What may be listed: no personal data."""
        return {
            "message_id": self.received.message_id,
            "submission_id": self.submission_id,
            "form": self.form,
            "destination": self.destination,
            "reason": self.reason,
            "attempts": self.attempts,
            "first_failed_at": self.first_failed_at,
            "buried_at": moment(self.received.sent_at),
        }

    def __str__(self) -> str:
        """Name the letter in one line."""
        return f"{self.submission_id} to {self.destination} ({self.form}, {self.reason})"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters a command is about; None admits any."""

    form: str | None = None
    destination: str | None = None
    reason: str | None = None
    submission_id: str | None = None

    def admits(self, letter: Letter) -> bool:
        """Whether every condition holds."""
        return (
            self.form in (None, letter.form)
            and self.destination in (None, letter.destination)
            and self.reason in (None, letter.reason)
            and self.submission_id in (None, letter.submission_id)
        )
