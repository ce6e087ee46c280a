"""Powertools' circuit breaker as it is in each simulated process: with counters and a clock of its own.

Powertools keeps its counters in the module and reads the machine's clock; here several processes share one module.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.utilities.circuit_breaker import base
from aws_lambda_powertools.utilities.circuit_breaker.persistence import base as persistence

from tests.support.circuit_counters import COUNTERS


@dataclass
class Process:
    """What Powertools keeps per process, and the process's clock. `name` tells processes apart."""

    name: str
    clock: Callable[[], float]
    counters: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in COUNTERS})
    depth: int = 0

    @contextmanager
    def running(self) -> Generator[None]:
        """Let this process go on, and the one that it interrupts afterwards."""
        before = {name: getattr(base, name) for name in COUNTERS}
        self._take(self.counters)
        _running.append(self)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            _running.pop()
            self._take(before)

    @staticmethod
    def _take(counters: dict[str, dict[str, Any]]) -> None:
        for name, values in counters.items():
            setattr(base, name, values)

    @property
    def thread(self) -> str:
        """The thread that runs: what a process does in the middle of something else runs in another thread."""
        return f"{self.name}.{self.depth}"


_running: list[Process] = []


class _Time:
    """Stands for the module `datetime`."""

    @property
    def datetime(self) -> _Time:
        return self

    def now(self) -> _Time:
        return self

    def timestamp(self) -> float:
        return _running[-1].clock()


@contextmanager
def simulated_processes() -> Generator[None]:
    """Let Powertools read the clock of the process that runs, and tell its threads apart."""
    with ExitStack() as stack:
        for module in (base, persistence):
            stack.enter_context(patch.object(module, "dt", _Time()))
        stack.enter_context(patch.object(base, "_probe_owner_id", lambda: _running[-1].thread))
        yield
