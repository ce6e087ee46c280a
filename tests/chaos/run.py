"""One run: sign-ups over all vendors through the real stack, trouble meanwhile, then quiet, a replay and the books."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.lambdas.execution import ROOT
from local.stack import Stack
from local.trial.books import Books, balance, report
from local.trial.evidence import waiting
from local.trial.stage import drain, keep_log, replay_parked, staged
from local.trial.visitors import Crowd, people
from tests.chaos.trouble import Trouble

KEPT_LOG = ROOT / "test-results" / "chaos.log"
"""Where the log of a run stays whose books do not balance."""


@dataclass(frozen=True)
class Options:
    """What may differ from run to run; the same seed makes the same people, faults and kills, in another order."""

    seed: int = 1
    size: int = 5000
    kills_per_second: float = 0.5
    at_once: int = 32


def run(options: Options, tell: Callable[[str], None]) -> tuple[Books, str]:
    """Run, and return the books and their table."""
    with staged() as stage:
        books, table = _run(stage.stack, options, stage.log, tell)
        if not books.balanced:
            keep_log(stage.log, KEPT_LOG)
        return books, table


def _run(stack: Stack, options: Options, log: Path, tell: Callable[[str], None]) -> tuple[Books, str]:
    trouble = Trouble(stack, options.seed, options.kills_per_second)
    crowd = Crowd(stack.url, options.at_once, options.seed)
    visitors = people(options.size, random.Random(options.seed))  # noqa: S311  to be repeatable is the point
    started = time.monotonic()
    with crowd, trouble.brewing():
        crowd.sign_up(visitors, _progress(options.size, tell))
    troubled = time.monotonic() - started
    tell(f"{options.size} accepted after {troubled:.0f} s; trouble ends, {waiting(stack)} deliveries wait")
    drain(stack)
    # A parked sign-up keeps older ones from writing what it may have written, so the books are right with it only.
    replayed = replay_parked(stack)
    tell(f"{replayed} parked deliveries replayed")
    books = balance(stack, crowd.accepted, log)
    figures = {
        "seed": options.seed,
        "seconds of trouble": round(troubled),
        "seconds in all": round(time.monotonic() - started),
        "parked, then replayed": replayed,
        "processes killed": trouble.kills,
        "vendor outages": trouble.outages,
        "vendor faults": sum(bool(e.fault) for twin in stack.twins.values() for e in list(twin.requests)),
        "vendor requests": sum(len(twin.requests) for twin in stack.twins.values()),
        **{f"answers {status}": count for status, count in sorted(crowd.refused.items())},
    }
    return books, report(books, figures)


def _progress(size: int, tell: Callable[[str], None]) -> Callable[[int], None]:
    def told(accepted: int) -> None:
        if accepted % max(1, size // 10) == 0:
            tell(f"{accepted} of {size} sign-ups accepted")

    return told
