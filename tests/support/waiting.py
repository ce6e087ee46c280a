"""Wait for what other threads, processes or services bring about."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], seconds: float = 60, every: float = 0.02) -> None:
    """Wait until the condition holds; `seconds` are for a busy machine, and never the proof of anything."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every)
