"""The simulator's clock: true time, what is due later, and clocks of environments that go a little wrong."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

START = 1_800_000_000.0
"""Any moment will do; seconds since the epoch."""


@dataclass
class Clock:
    """True time, in seconds since the epoch. Whatever is due happens while it advances."""

    now: float = START
    _agenda: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        end = self.now + max(0.0, seconds)
        while self._agenda and self._agenda[0][0] <= end:
            due, _, task = heapq.heappop(self._agenda)
            self.now = max(self.now, due)
            task()
        self.now = max(self.now, end)

    def at(self, moment: float, task: Callable[[], None]) -> None:
        """Let `task` happen at `moment`, while somebody advances the clock beyond it."""
        heapq.heappush(self._agenda, (moment, next(self._numbers), task))
