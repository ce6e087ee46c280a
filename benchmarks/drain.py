"""Draining the retry queue: batches of ten deliveries, now and at the baseline commit, in turns.

The vendor answers in 100 ms and AWS in 5 ms. Ideal is a batch whose deliveries all run at once and cost nothing but the
vendor's own two calls.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.messages import queued_messages
from benchmarks.setting import BASELINE_COMMIT, RETRY, Setting, batch

VENDOR_MS, AWS_MS = 100, 5
IDEAL_SECONDS = 2 * VENDOR_MS / 1000
RECORDS = 10


@dataclass
class Drained:
    """Seconds of each batch, and of the processor for each delivery."""

    batches: list[float] = field(default_factory=list)
    cpu: float = 0.0
    calls: dict[str, float] = field(default_factory=dict)

    @property
    def efficiency(self) -> float:
        """The ideal time as a share of the median batch's."""
        return IDEAL_SECONDS / statistics.median(self.batches)


def measure(setting: Setting, code: Path, deliveries: int) -> tuple[Drained, Drained]:
    """Return what draining took now and at the baseline commit."""
    kinds = [code, setting.commit(BASELINE_COMMIT)]
    messages = [queued_messages(setting, each) for each in kinds]
    drained = Drained(), Drained()
    setting.control("latency", vendor=VENDOR_MS, aws=AWS_MS)
    with setting.sandbox(RETRY, kinds[0]) as now, setting.sandbox(RETRY, kinds[1]) as then:
        for first in range(-RECORDS, deliveries, RECORDS):  # the first batch warms up
            for sandbox, message, seen in zip((now, then), messages, drained, strict=True):
                event = batch(message(10_000 + first + number) for number in range(RECORDS))
                before = sandbox.cpu_seconds
                answer = sandbox.invoke(event)
                assert answer.payload == {"batchItemFailures": []}, answer.payload
                if first >= 0:
                    seen.batches.append(answer.seconds)
                    seen.cpu += (sandbox.cpu_seconds - before) / deliveries
    setting.control("latency", vendor=0, aws=0)
    return drained
