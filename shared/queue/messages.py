"""What stands in the queues: a delivery that still has to be made, or one that no retry can mend.

A message carries the whole sign-up, encrypted at rest by SQS; both queues are therefore stores of personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from shared.errors import RelayError
from shared.problems import problems_of
from shared.submission import Submission


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
