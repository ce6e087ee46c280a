"""What a long outage of one vendor does to the retry queue: simulated, because a million messages take days.

`python -m benchmarks.backlog` compares three ways of waiting for a destination that is down:

- `hide`: every waiting message is hidden by its visibility timeout, and so it is in flight;
- `groups`: the same, and each destination is a message group of its own, so that SQS hands quiet ones out first;
- `delay`: as `groups`, and beyond 60,000 messages in flight a waiting one is sent again with a delay instead.

SQS hands out nothing more while 120,000 messages are in flight ("Amazon SQS message quotas"); a delay is 15 minutes at
most ("Amazon SQS message timers"). Messages move in groups of 100 that wait alike, which keeps the run short.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

from shared.aws.limits import CROWDED_IN_FLIGHT, MAX_DELAY_SECONDS
from shared.delivery.outcome import Queued
from shared.queue.retry_policy import RetryPolicy

MAX_IN_FLIGHT = 120_000
GROUP = 100
"""Messages that move together."""
STEP_SECONDS = 10
HOUR, DAY = 3600.0, 86_400.0

REQUEST_DOLLARS = 0.40 / 1_000_000
"""Of one SQS request, list price; ten messages share a receive, a send and a delete."""
INVOCATION_DOLLARS = 0.20 / 1_000_000 + 0.05 * 0.5 * 0.0000133334
"""Of one batch of ten looks: 50 ms of 512 MB, arm64, list price."""


@dataclass
class Queue:
    """The retry queue, seen from outside."""

    hidden: list[tuple[float, int]] = field(default_factory=list)
    """(visible again at, receives) of each group that waits in flight."""
    delayed: list[tuple[float, int]] = field(default_factory=list)
    looks: int = 0
    resent: int = 0
    peak_in_flight: int = 0
    worst_healthy_wait: float = 0.0


def simulate(backlog: int, way: str, *, days: float = 1.0, batches_at_once: int = 5) -> Queue:
    """Let `backlog` messages of a dead destination wait for `days`, beside ten healthy messages a second."""
    policy = RetryPolicy(base=60, longest=21_600, max_age=3 * DAY, retention=10 * DAY)
    queue, rng = Queue(), random.Random(1)  # noqa: S311  a simulation
    visible = [0] * (backlog // GROUP)
    healthy: list[float] = []
    # A batch of ten looks takes about 50 ms; five run at once.
    capacity = int(batches_at_once * 10 * STEP_SECONDS / 0.05) // GROUP
    for step in range(int(days * DAY) // STEP_SECONDS):
        now = float(step * STEP_SECONDS)
        healthy.append(now)
        for heap in (queue.hidden, queue.delayed):
            while heap and heap[0][0] <= now:
                visible.append(heapq.heappop(heap)[1])
        slots = min(capacity, max(0, MAX_IN_FLIGHT // GROUP - len(queue.hidden)), len(visible) + len(healthy))
        for _ in range(slots):
            is_healthy = bool(healthy) and (
                way != "hide" or rng.random() < len(healthy) / (len(healthy) + len(visible))
            )
            if is_healthy:
                queue.worst_healthy_wait = max(queue.worst_healthy_wait, now - healthy.pop(0))
            elif visible:
                _look(queue, policy, now, visible.pop(), way, rng.random())
        queue.peak_in_flight = max(queue.peak_in_flight, len(queue.hidden) * GROUP)
    if healthy:
        queue.worst_healthy_wait = max(queue.worst_healthy_wait, days * DAY - healthy[0])
    return queue


def _look(queue: Queue, policy: RetryPolicy, now: float, receives: int, way: str, jitter: float) -> None:
    queue.looks += GROUP
    wait = policy.wait(Queued("circuit-open", is_attempt=False), 0, receives + 1, jitter)
    if way == "delay" and len(queue.hidden) * GROUP > CROWDED_IN_FLIGHT:
        queue.resent += GROUP
        heapq.heappush(queue.delayed, (now + min(wait, MAX_DELAY_SECONDS), receives + 1))
    else:
        heapq.heappush(queue.hidden, (now + wait, receives + 1))


def dollars(queue: Queue) -> float:
    """Return what the looks cost at AWS's list prices."""
    hides = queue.looks - queue.resent
    requests = queue.looks / 10 + hides + 2 * queue.resent / 10
    return requests * REQUEST_DOLLARS + queue.looks / 10 * INVOCATION_DOLLARS


def main() -> None:
    """Print one line per backlog and way of waiting, for a day's outage."""
    print(f"{'backlog':>9}  {'way':6}  {'peak in flight':>14}  {'healthy waits':>13}  {'looks/day':>11}  {'$/day':>6}")
    for backlog in (1_000, 10_000, 100_000, 300_000, 1_000_000):
        for way in ("hide", "groups", "delay"):
            queue = simulate(backlog, way)
            wait = f"{queue.worst_healthy_wait / 60:.1f} min"
            print(
                f"{backlog:>9,}  {way:6}  {queue.peak_in_flight:>14,}  {wait:>13}"
                f"  {queue.looks:>11,}  {dollars(queue):>6.2f}"
            )


if __name__ == "__main__":
    main()
