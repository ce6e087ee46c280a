"""What stands in the queues: a delivery that still has to be made, or one that no retry can mend.

A message carries the whole sign-up, encrypted at rest by SQS; both queues are therefore stores of personal data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from shared.errors import RelayError
from shared.problems import problems_of
from shared.submission import Submission

VERSION = 3
"""Of the message format. Code that reads a new version is deployed before code that writes it."""

MAX_ANSWER_CHARACTERS = 500
"""Of a vendor's answer in a dead letter."""


class UnreadableMessage(RelayError):
    """What is in the queue is no message of ours; the text says which part, never what it held."""


class NewerVersion(UnreadableMessage):
    """A message of a later version: code that understands it may be on its way."""


class _Versioned(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    version: int


class Message(BaseModel):
    """One delivery that still has to be made. Times are milliseconds since the epoch.

    The age counts from `queued_at`, which a replay renews.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[3] = 3
    destination: Annotated[str, StringConstraints(min_length=1)]
    submission: Submission
    first_failed_at: int
    queued_at: int
    not_before: int = 0
    """The vendor's `Retry-After` may lie beyond what SQS can delay a new message by."""
    receipt_kept: bool = False
    """Whether the consent receipt is in the ledger already."""

    @property
    def body(self) -> str:
        """The message's text. SQS refuses some characters of Unicode, so all but ASCII is escaped."""
        return self.model_dump_json(exclude_none=True, ensure_ascii=True)

    @classmethod
    def parse(cls, body: str) -> Message:
        """Read a message's body.

        Raises:
            UnreadableMessage: not JSON, or a part is missing.
            NewerVersion: written by code that is newer than this.
        """
        try:
            version = _Versioned.model_validate_json(body).version
            if version > VERSION:
                raise NewerVersion(f"message version {version}")
            return cls.model_validate_json(body)
        except ValidationError as error:
            where = sorted({place or "body" for place, _ in problems_of(error)})
            raise UnreadableMessage(f"unreadable at {', '.join(where)}") from None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that no retry can mend, with what a person needs to decide about it.

    Attributes:
        body: the message, as it was queued.
        reason: a fixed phrase.
        cause: what went wrong, in our words.
        answer: the vendor's answer, shortened and masked. The queue is a store of personal data anyway; logs are not.
    """

    body: str = field(repr=False)
    reason: str
    destination: str = "unknown"
    form: str = "unknown"
    submission_id: str = "unknown"
    attempts: int = 0
    first_failed_at: int = 0
    cause: str | None = None
    answer: str | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, message: Message, reason: str, attempts: int, cause: str | None = None, answer: str | None = None
    ) -> DeadLetter:
        """Return the dead letter of a readable message."""
        return cls(
            message.body,
            reason,
            message.destination,
            message.submission.form,
            message.submission.id,
            attempts,
            message.first_failed_at,
            cause,
            answer,
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
            **({"cause": self.cause[:MAX_ANSWER_CHARACTERS]} if self.cause else {}),
            **({"answer": _sendable(self.answer)} if self.answer else {}),
        }
        return {
            # SQS refuses an empty value.
            **{name: {"DataType": "String", "StringValue": text or "unknown"} for name, text in texts.items()},
            "attempts": {"DataType": "Number", "StringValue": str(self.attempts)},
        }


def _sendable(text: str) -> str:
    """Return text without the characters that SQS refuses in an attribute ("SendMessage")."""
    plain = "".join(c if c.isprintable() and c <= "\ud7ff" else " " for c in text)
    return plain[:MAX_ANSWER_CHARACTERS]
