"""What goes wrong while people sign up: vendors fail at random, each is down for a while, and processes are killed."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from local.stack import Stack

RATES: Mapping[str, float] = {
    "503": 0.03,
    "drop_before": 0.02,
    "drop_after": 0.02,
    "status_after": 0.01,
    "close_mid_body": 0.01,
    "429": 0.01,
    "html": 0.005,
    "422": 0.003,
    "hang": 0.004,
    "trickle": 0.002,
}
"""Share of a vendor's requests that meet each fault."""

MEMBERS: Mapping[str, dict[str, Any]] = {
    "429": {"retry_after": 1},
    "hang": {"seconds": 3.0, "commit": "after"},  # worked off after the caller gave up
    "trickle": {"seconds": 0.5},
    "status_after": {"status": 502},
}
DOWN_SECONDS = 3.0


class Trouble:
    """Makes it, and counts the kills."""

    def __init__(self, stack: Stack, seed: int, kills_per_second: float) -> None:
        self._stack = stack
        self._dice = random.Random(seed)  # noqa: S311  to be repeatable is the point
        self._kills_per_second = kills_per_second
        self._over = threading.Event()
        self.kills = 0
        self.outages = 0

    @contextmanager
    def brewing(self) -> Iterator[None]:
        """Make trouble inside the block; none of it is left afterwards."""
        for number, twin in enumerate(self._stack.twins.values()):
            twin.faults.randomise(RATES, seed=self._dice.randrange(2**32) + number, members=MEMBERS)
        with ThreadPoolExecutor(2) as threads:
            makers = [threads.submit(each) for each in (self._kill, self._take_down)]
            try:
                yield
            finally:
                self._over.set()
        for twin in self._stack.twins.values():
            twin.faults.clear()
            twin.options.down = False
        for maker in makers:
            maker.result()  # a run whose trouble ended early proves less than it says

    def _kill(self) -> None:
        if not self._kills_per_second:
            return
        while not self._over.wait(self._dice.expovariate(self._kills_per_second)):
            workers = self._stack.worker_pids()
            # All may just be starting again, or the chosen one may have ended by itself.
            with suppress(IndexError, ProcessLookupError):
                os.kill(self._dice.choice(workers), signal.SIGKILL)
                self.kills += 1

    def _take_down(self) -> None:
        order = list(self._stack.twins.values())
        while True:
            for twin in order:
                if self._over.wait(DOWN_SECONDS):
                    return
                twin.options.down = True
                self.outages += 1
                self._over.wait(DOWN_SECONDS)
                twin.options.down = False
