"""What became of a sign-up at one destination, as a row of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "destination",
    "state",
    "failed_attempts",
    "at",
    "at_latest",
    "next_try",
    "reason",
    "last_error",
    "error_before",
)
FIRST_WAIT = "queued for its first retry"
"""Reason of a delivery that the submit function has tried and nobody since."""

NOT_IN_SIGHT = "or ended: its message is not in sight"
"""What the reason of a delivery begins with that may wait, or not."""

UNENDED = frozenset({"waiting", "dead-letter", "unknown"})
"""States in which the last error still matters."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a delivery.

    Attributes:
        state: an outcome's kind, `waiting`, `dead-letter`, `dropped`, `not-sent` or `unknown`.
        failed_attempts: how many; None where nobody counted.
        at: since when it is so, ISO 8601.
        at_latest: the latest time since when it can be so, where `at` is not known.
        last_error: why it is not delivered.
        error_before: the last error before it ended well.
    """

    destination: str
    state: str
    reason: str | None = None
    failed_attempts: int | None = None
    at: str | None = None
    at_latest: str | None = None
    next_try: str | None = None
    last_error: str | None = None
    error_before: str | None = None


def row_of(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for a table or for JSON."""
    return {column: getattr(verdict, column) for column in COLUMNS}
