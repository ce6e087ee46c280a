"""What a batch leaves waiting: counted by reason, and its age by destination, so that no wait is silent.

SQS's own age of the oldest message leaves out messages that were received three times or more ("Available CloudWatch
metrics for Amazon SQS"), which is what every waiting message soon is.
"""

from __future__ import annotations

import threading

from shared.telemetry import count, gauge_seconds


class Waiting:
    """Collects what waits, until it is told to the metrics. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, int] = {}
        self._oldest: dict[str, float] = {}

    def note(self, destination: str, reason: str, age_seconds: float) -> None:
        """Note one message that stays in the queue."""
        with self._lock:
            self._reasons[reason] = self._reasons.get(reason, 0) + 1
            self._oldest[destination] = max(age_seconds, self._oldest.get(destination, 0.0))

    def emit(self) -> None:
        """Emit one metric per reason and per destination, and start again from zero."""
        with self._lock:
            reasons, self._reasons = self._reasons, {}
            oldest, self._oldest = self._oldest, {}
        for reason, number in reasons.items():
            count("Waiting", number, reason=reason)
        for destination, age_seconds in oldest.items():
            gauge_seconds("OldestWaitingSeconds", age_seconds, destination=destination)
