"""Looks at something again and again, in a thread of its own, until it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable

EVERY_SECONDS = 0.3
"""Less than `relay` takes to start: what was saved before is seen before."""


class Watcher:
    """Calls `look` every so often."""

    def __init__(self, look: Callable[[], None], every_seconds: float = EVERY_SECONDS) -> None:
        """Do not look yet."""
        self._look = look
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        """Start to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look that has begun is finished first."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(self._every_seconds):
            self._look()
