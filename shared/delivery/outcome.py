"""How a delivery can end: a closed set, the same for both handlers. `kind` names it in logs and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["delivered", "skipped", "superseded", "queued", "held", "parked"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The vendor confirmed the contact.

    Attributes:
        look_again_in: seconds after which a part that the vendor works on later should be looked at; None for none.
    """

    look_again_in: float | None = None
    kind: ClassVar[Kind] = "delivered"
    reason: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """This destination does not want the sign-up, or cannot know its person. `reason` is a fixed phrase."""

    reason: str
    kind: ClassVar[Kind] = "skipped"


@dataclass(frozen=True, slots=True)
class Superseded:
    """Nothing is left to write: a newer sign-up of the person has been delivered, or the person was erased."""

    kind: ClassVar[Kind] = "superseded"
    reason: ClassVar[None] = None


@dataclass(frozen=True, slots=True)
class Queued:
    """Not delivered yet; worth another attempt.

    Attributes:
        reason: fixed phrase, e.g. `unavailable`, `circuit-open`.
        retry_in: seconds that the vendor or our own state asks to wait, None for the schedule's own delay.
        is_attempt: whether it counts as a failed attempt; an open circuit or a busy lease does not.
        retry_quickly: the outcome is unknown and the vendor recognises a quick repeat.
        most_attempts: failed attempts after which it is parked, None for no such limit.
    """

    reason: str
    retry_in: float | None = None
    is_attempt: bool = True
    retry_quickly: bool = False
    most_attempts: int | None = None
    kind: ClassVar[Kind] = "queued"


@dataclass(frozen=True, slots=True)
class Held:
    """The destination's credentials do not work; the message waits without losing attempts or age."""

    reason: str = "credentials"
    kind: ClassVar[Kind] = "held"


@dataclass(frozen=True, slots=True)
class Parked:
    """No retry can mend it: a person has to look. `reason` is a fixed phrase."""

    reason: str
    kind: ClassVar[Kind] = "parked"


def looked_at_again(outcome: Outcome) -> Queued | None:
    """Return how a delivery waits for a second look; None where it needs none."""
    if not isinstance(outcome, Delivered) or outcome.look_again_in is None:
        return None
    return Queued("look-again", retry_in=outcome.look_again_in, is_attempt=False)


Outcome = Delivered | Skipped | Superseded | Queued | Held | Parked


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one attempt at a delivery.

    Attributes:
        outcome: how it ended.
        failed_attempts: how many attempts have failed so far.
        cause: what went wrong, safe to log; None where nothing did.
        answer: the vendor's answer, shortened and masked, for the dead letter; never for a log.
    """

    outcome: Outcome
    failed_attempts: int = 0
    cause: str | None = None
    answer: str | None = None
