"""How a delivery can end: a closed set, the same for both handlers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """The vendor confirmed it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """This destination does not want the sign-up. `reason` is a fixed phrase."""

    reason: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """A newer sign-up of the same person has been delivered; there is nothing left to write."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Not delivered yet; worth another attempt.

    Attributes:
        reason: fixed phrase, e.g. `unavailable`, `circuit-open`.
        retry_in: seconds the vendor or our own state asks to wait, None for the schedule's own delay.
        counts: whether this was an attempt; an open circuit or a busy lease is not.
        soon: the outcome is unknown and the vendor rewards a quick repeat.
    """

    reason: str
    retry_in: float | None = None
    counts: bool = True
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The destination's credentials are wrong; the message waits without losing attempts or age."""

    reason: str = "credentials"


@dataclass(frozen=True, slots=True)
class Parked:
    """No retry can mend it: a person has to look. `reason` is a fixed phrase."""

    reason: str


Outcome = Delivered | Skipped | Superseded | Queued | Held | Parked
