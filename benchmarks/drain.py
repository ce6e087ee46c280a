"""Draining the retry queue: batches of ten deliveries, now and at the baseline commit, in turns.

The vendor answers in 100 ms and AWS in 5 ms. Ideal is a batch whose deliveries all run at once and cost nothing but the
vendor's own two calls.
"""

from __future__ import annotations

import statistics
from contextlib import ExitStack
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

    @property
    def efficiency(self) -> float:
        """The ideal time as a share of the median batch's."""
        return IDEAL_SECONDS / statistics.median(self.batches)

    def __str__(self) -> str:
        """Return the line of the report."""
        return f"efficiency {self.efficiency:.2f}, {self.cpu * 1000:.1f} ms of CPU for a delivery"


def measure(setting: Setting, code: Path, deliveries: int) -> tuple[Drained, Drained | None]:
    """Return what draining took now, and at the baseline commit where this copy of the project holds it."""
    baseline = setting.commit(BASELINE_COMMIT)
    kinds = [code] if baseline is None else [code, baseline]
    messages = [queued_messages(setting, each) for each in kinds]
    drained = [Drained() for _ in kinds]
    setting.control("latency", vendor=VENDOR_MS, aws=AWS_MS)
    with ExitStack() as stack:
        sandboxes = [stack.enter_context(setting.sandbox(RETRY, each)) for each in kinds]
        for first in range(-RECORDS, deliveries, RECORDS):  # the first batch warms up
            for sandbox, message, seen in zip(sandboxes, messages, drained, strict=True):
                event = batch(message(10_000 + first + number) for number in range(RECORDS))
                before = sandbox.cpu_seconds
                answer = sandbox.invoke(event)
                assert answer.payload == {"batchItemFailures": []}, answer.payload
                if first >= 0:
                    seen.batches.append(answer.seconds)
                    seen.cpu += (sandbox.cpu_seconds - before) / deliveries
    setting.control("latency", vendor=0, aws=0)
    return drained[0], drained[1] if baseline is not None else None
