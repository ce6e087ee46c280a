"""When the next attempt is made, and when it is given up: pure, clock and randomness are arguments."""

from __future__ import annotations

from dataclasses import dataclass

from shared.aws.limits import MAX_VISIBILITY_SECONDS
from shared.delivery.outcome import Held, Outcome, Queued

MAX_VISIBILITY = MAX_VISIBILITY_SECONDS - 600.0
"""Seconds. SQS counts from when it handed the message out: the time that it may have been in hand is left off."""

QUICK_SECONDS = 5.0
"""Seconds before a repeat that the vendor rewards when it comes quickly, and before the first look at what waits."""

LONGEST_WAIT = 900.0
"""Seconds between two looks at a message that only waits: for a circuit, for another delivery, for the ledger."""

LONGEST_HOLD = 1800.0
"""Seconds between two looks at a message held for credentials. With `LONGEST_WAIT` it keeps the looks of the queue's
whole retention below 1,000, the most that SQS lets a redrive policy count ("maxReceiveCount")."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The schedule. All values are seconds.

    Attributes:
        base: delay before the second attempt; each later one doubles.
        longest: cap of our own delay; a vendor's `Retry-After` may exceed it, up to `MAX_VISIBILITY`.
        max_age: age at which a transient failure is given up.
        retention: how long the queue keeps a message; a held one is given up shortly before.
    """

    base: float
    longest: float
    max_age: float
    retention: float

    def wait(self, outcome: Outcome, attempts: int, receives: int, jitter: float) -> float:
        """Return the seconds until a message is looked at again.

        Args:
            outcome: why it waits.
            attempts: failed attempts so far.
            receives: how often the queue has handed it out; grows the wait of what makes no attempts.
            jitter: a random number in [0, 1).
        """
        match outcome:
            case Queued(is_attempt=True):
                return self.delay(attempts, jitter, retry_after=outcome.retry_in, quickly=outcome.retry_quickly)
            case Queued(retry_in=float() | int() as wish):
                return min(max(self._growing(receives, jitter, LONGEST_WAIT), wish), MAX_VISIBILITY)
            case Queued():
                return self._growing(receives, jitter, LONGEST_WAIT)
            case Held():
                return self._growing(receives, jitter, LONGEST_HOLD)
        return 0.0

    def delay(self, attempts: int, jitter: float, *, retry_after: float | None = None, quickly: bool = False) -> float:
        """Return the seconds between a failed attempt and the next.

        Args:
            attempts: attempts made so far, at least 1.
            jitter: a random number in [0, 1); the jitter is half of the delay, so it grows with it.
            retry_after: the vendor's wish; never shortens our own delay, and is capped at `MAX_VISIBILITY`.
            quickly: repeat within seconds, after the first attempt only.
        """
        if quickly and attempts <= 1:
            own = min(QUICK_SECONDS, self.base)
        else:
            own = _jittered(min(self.base * 2.0 ** min(max(attempts, 1) - 1, 30), self.longest), jitter)
        return min(max(own, retry_after or 0.0), MAX_VISIBILITY)

    def given_up(self, age: float, held: float) -> bool:
        """Whether a transient failure is too old. Time `held` for credentials does not count."""
        return age - held >= self.max_age or self.about_to_vanish(age)

    def about_to_vanish(self, age: float) -> bool:
        """Whether the queue's own retention would soon drop it; the margin is the longest delay and an hour."""
        return age >= self.retention - MAX_VISIBILITY - 3600.0

    def _growing(self, receives: int, jitter: float, longest: float) -> float:
        return _jittered(min(min(QUICK_SECONDS, self.base) * 2.0 ** min(receives, 30), longest, self.longest), jitter)


def _jittered(delay: float, jitter: float) -> float:
    return delay * (0.5 + jitter / 2)
