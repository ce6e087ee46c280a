"""A dead letter as `relay` reads it from the queue, and which of them a command is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from cli.frame.console import iso_time
from cli.visible_messages import ReceivedMessage
from shared.queue.messages import Message, NewerVersion, UnreadableMessage

RECEIVED_TOO_OFTEN = "received-too-often"
"""Reason of a letter without one: the queue's redrive policy moved it, not the retry function."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter; `message` is None when its body cannot be parsed."""

    received: ReceivedMessage
    reason: str
    destination: str
    form: str
    submission_id: str
    attempts: int
    first_failed_at: str | None
    message: Message | None = field(repr=False)

    @classmethod
    def of(cls, received: ReceivedMessage) -> Self:
        """Read a message of the dead-letter queue."""
        attributes = received.attributes
        try:
            message: Message | None = Message.parse(received.body)
        except (UnreadableMessage, NewerVersion):
            message = None
        failed_at = message.first_failed_at if message else 0
        return cls(
            received=received,
            reason=attributes.get("reason", RECEIVED_TOO_OFTEN),
            destination=message.destination if message else attributes.get("destination", "unknown"),
            form=message.submission.form if message else attributes.get("form", "unknown"),
            submission_id=message.submission.id if message else attributes.get("submission_id", "unknown"),
            attempts=int(attributes.get("attempts", 0)),
            first_failed_at=iso_time(failed_at / 1000) if failed_at else None,
            message=message,
        )

    @property
    def row(self) -> dict[str, Any]:
        """The letter without personal data."""
        return {
            "message_id": self.received.message_id,
            "submission_id": self.submission_id,
            "form": self.form,
            "destination": self.destination,
            "reason": self.reason,
            "cause": self.received.attributes.get("cause"),
            "attempts": self.attempts,
            "first_failed_at": self.first_failed_at,
            "dead_since": iso_time(self.received.sent_at),
        }

    @property
    def ids(self) -> tuple[str, str]:
        """The ids by which a person may name it: its sign-up's, and its message's."""
        return self.submission_id, self.received.message_id

    @property
    def answer(self) -> dict[str, str]:
        """The vendor's answer, where known; it may quote the person's data."""
        text = self.received.attributes.get("answer")
        return {"answer": text} if text else {}

    @property
    def delivery(self) -> str:
        """The delivery that it is of, without why it failed."""
        return f"{self.submission_id} to {self.destination} ({self.form})"

    def __str__(self) -> str:
        """Describe the letter in one line."""
        return f"{self.submission_id} to {self.destination} ({self.form}, {self.reason})"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters a command is about; None matches any."""

    form: str | None = None
    destination: str | None = None
    reason: str | None = None
    submission_id: str | None = None

    def matches(self, letter: Letter) -> bool:
        """Whether every condition holds."""
        return (
            self.form in (None, letter.form)
            and self.destination in (None, letter.destination)
            and self.reason in (None, letter.reason)
            and self.submission_id in (None, letter.submission_id)
        )
