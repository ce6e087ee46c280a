"""Targets: what was measured, what it may be at most or must be at least, and whether it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One row of the last table."""

    what: str
    value: float | None
    """None where it could not be measured, which counts as missed."""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the value is within its bound."""
        if self.value is None:
            return False
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    def __str__(self) -> str:
        """Return the row."""
        bound = f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"
        if self.value is None:
            return f"{self.what:52}{'-':>8}  {bound:8}not measured"
        return f"{self.what:52}{self.value:8.2f}  {bound:8}{'met' if self.is_met else 'MISSED'}"


def summary(targets: Sequence[Target]) -> str:
    """Return the rows and the line that sums them up."""
    met = sum(target.is_met for target in targets)
    return "\n".join([*map(str, targets), f"bench: met {met} of {len(targets)} targets"])
