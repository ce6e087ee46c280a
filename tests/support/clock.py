"""A clock that a test moves by hand."""

from __future__ import annotations

from dataclasses import dataclass

NOON = 1_800_000_000.0
"""Any moment will do; seconds since the epoch."""


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds

    @property
    def milliseconds(self) -> int:
        return int(self.now * 1000)
