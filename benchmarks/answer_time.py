"""The time of an answer where the vendors take 100 ms for a call and AWS takes 5 ms: one destination, and five."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from benchmarks.drain import AWS_MS, VENDOR_MS
from benchmarks.sandbox import Sandbox
from benchmarks.setting import Setting, median_ms, sign_up


def measure(setting: Setting, handler: str, code: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Return for each form the median answer and what the slowest vendor took of it, in milliseconds."""
    numbers = itertools.count(50_000)
    with setting.sandbox(handler, code, "one") as one, setting.sandbox(handler, code, "five") as five:
        setting.control("latency", vendor=VENDOR_MS, aws=AWS_MS)
        sandboxes = {"one": one, "five": five}
        for form, sandbox in sandboxes.items():
            _answer(sandbox, form, numbers)
        seen: dict[str, list[float]] = {form: [] for form in sandboxes}
        for _ in range(rounds):
            for form, sandbox in sandboxes.items():
                seen[form].append(_answer(sandbox, form, numbers))
        slowest = {form: _slowest_vendor(setting, sandbox, form, numbers) for form, sandbox in sandboxes.items()}
        setting.control("latency", vendor=0, aws=0)
    return {form: (median_ms(seconds), slowest[form]) for form, seconds in seen.items()}


def _answer(sandbox: Sandbox, form: str, numbers: Iterator[int]) -> float:
    answer = sandbox.invoke(sign_up(next(numbers), form))
    assert answer.payload["statusCode"] == 200, answer.payload
    return answer.seconds


def _slowest_vendor(setting: Setting, sandbox: Sandbox, form: str, numbers: Iterator[int]) -> float:
    """Return the milliseconds of the vendor that is called most often: its calls come one after the other."""
    setting.control("calls")
    _answer(sandbox, form, numbers)
    calls: dict[str, int] = setting.control("calls")
    return VENDOR_MS * max(count for call, count in calls.items() if call.startswith("vendor."))
