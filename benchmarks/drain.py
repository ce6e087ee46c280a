"""Draining the retry queue: batches of ten deliveries, now, as bare calls and at the baseline commit, in turns.

The vendor answers in 100 ms and AWS in 5 ms. Ideal is a batch whose deliveries all run at once and cost nothing but the
vendor's own two calls.
"""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.messages import queued_messages
from benchmarks.setting import BARE, BASELINE_COMMIT, RETRY, Setting, batch

VENDOR_MS, AWS_MS = 100, 5
IDEAL_SECONDS = 2 * VENDOR_MS / 1000
RECORDS = 10
NOW, BARE_CALLS = "now", "bare calls"


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


def measure(setting: Setting, code: Path, beside: Path, deliveries: int) -> dict[str, Drained]:
    """Return what draining took of each kind; the baseline is left out where this copy of the project lacks it."""
    kinds = {NOW: (RETRY, code), BARE_CALLS: (BARE, beside)}
    baseline = setting.commit(BASELINE_COMMIT)
    if baseline is not None:
        kinds[BASELINE_COMMIT] = (RETRY, baseline)
    messages = {
        name: queued_messages(setting, code if folder == beside else folder) for name, (_, folder) in kinds.items()
    }
    drained = {name: Drained() for name in kinds}
    setting.control("latency", vendor=VENDOR_MS, aws=AWS_MS)
    with ExitStack() as stack:
        sandboxes = {name: stack.enter_context(setting.sandbox(*kind)) for name, kind in kinds.items()}
        for first in range(-RECORDS, deliveries, RECORDS):  # the first batch warms up
            for name, sandbox in sandboxes.items():
                event = batch(messages[name](10_000 + first + number) for number in range(RECORDS))
                before = sandbox.cpu_seconds
                answer = sandbox.invoke(event)
                assert answer.payload == {"batchItemFailures": []}, answer.payload
                if first >= 0:
                    drained[name].batches.append(answer.seconds)
                    drained[name].cpu += (sandbox.cpu_seconds - before) / deliveries
    setting.control("latency", vendor=0, aws=0)
    return drained
