"""`make bench`: sign-ups through the whole embedded stack, read as ratios within one run.

The floor is a request that the function answers without AWS or a vendor (an unknown form). On top of it: a sign-up to
one vendor, to five at once, to five of which each takes 200 ms, and one while a vendor's circuit is open.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from local.stack import Stack, StackOptions
from tests.functional.test_fan_out import ADA, EVERYWHERE

ROUNDS = 40
SLOW = 0.2
ONE_VENDOR = EVERYWHERE[: EVERYWHERE.index("[[destinations]]", EVERYWHERE.index("[[destinations]]") + 1)]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name, (Path(name) / "log").open("wb") as log:
        forms = Path(name) / "forms"
        forms.mkdir()
        for form_id, text in (("one", ONE_VENDOR), ("five", EVERYWHERE)):
            (forms / f"{form_id}.toml").write_text('rate_limit = "off"\n' + text)
        with Stack(StackOptions(forms=forms, http_workers=2, log=log)) as stack, httpx.Client(timeout=30) as client:
            measure(stack, client)


def measure(stack: Stack, client: httpx.Client) -> None:
    """Measure each case in turn and print it beside the floor."""
    people = itertools.count()

    def sign_up(form_id: str) -> None:
        number = next(people)
        person = {**ADA, "email": f"person{number}@example.com", "phone": f"+1 516 555 {number % 10000:04}"}
        client.post(f"{stack.url}/forms/{form_id}", json=person, headers={"Origin": stack.url})

    floor = report("unknown form (the floor)", median(lambda: sign_up("none")), None)
    report("one vendor", median(lambda: sign_up("one")), floor)
    report("five vendors", median(lambda: sign_up("five")), floor)
    for twin in stack.twins.values():
        twin.fail("latency", seconds=SLOW, count=None)
    taken = report(
        f"five vendors, {SLOW * 1000:.0f} ms for each call", median(lambda: sign_up("five"), rounds=8), floor
    )
    print(f"  that is the time of {taken / (SLOW * 1000):.1f} calls: the busiest vendor is asked three times in a row")
    stack.twins["pulse"].faults.clear()
    stack.twins["pulse"].fail("status", status=503, count=None)
    for _ in range(8):
        sign_up("one")
    report("one vendor, circuit open (202)", median(lambda: sign_up("one")), floor)


def median(action: Callable[[], None], rounds: int = ROUNDS) -> float:
    """Milliseconds of the action, the median of some rounds after one to warm up."""
    action()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def report(what: str, value: float, floor: float | None) -> float:
    """Print one row; returns the value."""
    times = f"{value / floor:6.1f} x floor" if floor else ""
    print(f"{what:40}{value:8.1f} ms {times}", flush=True)
    return value


if __name__ == "__main__":
    main()
