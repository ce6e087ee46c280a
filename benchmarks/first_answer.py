"""Cold start, first and warm sign-ups of both functions, beside the floor, the peer and the bare calls.

Every round starts each of them once, in turns, so that other work on the machine hits all alike. AWS and the vendor
answer at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.messages import queued_messages
from benchmarks.setting import BARE, RETRY, SUBMIT, Setting, batch, median_ms, sign_up

WARM_UP, WARM = 5, 50

Event = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Something that is measured."""

    name: str
    handler: str
    code: Path
    event: Event = sign_up
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Times:
    """Seconds, one of each round."""

    init: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    cold_cpu: list[float] = field(default_factory=list)
    first_cpu: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    warm_cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    calls: dict[str, float] = field(default_factory=dict)

    @property
    def cold_ms(self) -> float:
        """INIT and the first answer together."""
        return median_ms(map(sum, zip(self.init, self.first, strict=True)))


def cases(setting: Setting, code: Path, beside: Path) -> list[Case]:
    """Return floor, peer, the bare calls, both functions, and the submit function without its logs."""
    message = queued_messages(setting, code)
    return [
        Case("floor", "floor.handler", beside),
        Case("peer", "peer.handler", beside),
        Case("bare calls", BARE, beside),
        Case("submit", SUBMIT, code),
        Case("retry", RETRY, code, lambda number: batch([message(number)])),
        Case("submit, no logs", SUBMIT, code, variables={"POWERTOOLS_LOG_LEVEL": "CRITICAL"}),
    ]


def measure(setting: Setting, measured: list[Case], rounds: int) -> dict[str, Times]:
    """Return the times of each case by its name."""
    numbers = itertools.count()
    times = {case.name: Times() for case in measured}
    for _ in range(rounds):
        for case in measured:
            _one_round(setting, case, times[case.name], numbers)
    return times


def _one_round(setting: Setting, case: Case, times: Times, numbers: Iterator[int]) -> None:
    with setting.sandbox(case.handler, case.code, **case.variables) as sandbox:
        times.init.append(sandbox.init_seconds)
        before = sandbox.cpu_seconds
        times.first.append(sandbox.invoke(case.event(next(numbers))).seconds)
        times.cold_cpu.append(sandbox.cpu_seconds)
        times.first_cpu.append(times.cold_cpu[-1] - before)
        for _ in range(WARM_UP):
            sandbox.invoke(case.event(next(numbers)))
        setting.control("calls")
        before = sandbox.cpu_seconds
        answers = [sandbox.invoke(case.event(next(numbers))) for _ in range(WARM)]
        times.warm_cpu.append((sandbox.cpu_seconds - before) / WARM)
        times.warm += [answer.seconds for answer in answers]
        times.megabytes.append(sandbox.peak_megabytes)
        times.calls = {call: round(count / WARM, 1) for call, count in sorted(setting.control("calls").items())}
        _check(case, answers[-1].payload)


def _check(case: Case, payload: dict[str, Any]) -> None:
    assert payload == {"batchItemFailures": []} or payload.get("statusCode") == 200, (case.name, payload)
