"""`python -m tests.simulate`: run schedules for a while; the first broken one is told in a short story, and exit 1."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulate.promise_list import PROMISES
from tests.simulate.run import Totals, quiet, run_seed, shrunk


def main() -> int:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; with --seconds 0 the only one")
    arguments = parser.parse_args()
    totals, seed, started = Totals(), arguments.seed, time.process_time()
    with quiet():
        while not totals.schedules or time.process_time() - started < arguments.seconds:
            verdict = run_seed(seed)
            totals.add(seed, verdict)
            if verdict.broken:
                break
            seed += 1
    _report(totals, arguments.seed, time.process_time() - started)
    for broken in totals.broken:
        _tell(broken, totals)
    return 1 if totals.broken else 0


def _report(totals: Totals, first: int, seconds: float) -> None:
    print(f"seeds {first} to {first + totals.schedules - 1}: {totals.schedules} schedules")  # noqa: T201
    print(f"{totals.schedules / seconds:.0f} schedules per second of one core")  # noqa: T201
    print(f"{totals.checks} checks of {len(PROMISES)} invariants, {len(totals.broken)} broken")  # noqa: T201


def _tell(seed: int, totals: Totals) -> None:
    with quiet():
        verdict = shrunk(totals.broken[seed].plan)
    print(f"\nSeed {seed}, {verdict.plan.vendor}: the shortest story that breaks the same promise")  # noqa: T201
    for line in verdict.story:
        print(f"  {line}")  # noqa: T201
    for broken in verdict.broken:
        print(f"{broken.id} {PROMISES[broken.id]}\n  {broken.text}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
