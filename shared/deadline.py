"""A point in time by which something must be over, measured on the monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Monotonic = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Deadline:
    """An absolute end; build it with `Deadline.after(seconds)`."""

    at: float
    monotonic: Monotonic = time.monotonic

    @classmethod
    def after(cls, seconds: float, monotonic: Monotonic = time.monotonic) -> Deadline:
        """Return the deadline `seconds` from now."""
        return cls(monotonic() + seconds, monotonic)

    def later(self, seconds: float) -> Deadline:
        """Return the deadline that comes `seconds` after this one."""
        return Deadline(self.at + seconds, self.monotonic)

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - self.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining <= 0
