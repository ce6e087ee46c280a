"""One run: sign-ups over all vendors through the real stack, trouble meanwhile, then quiet, then the books."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from local.lambdas.execution import ROOT
from local.stack import Stack, StackOptions
from local.trial.books import Books, balance, report
from local.trial.evidence import waiting
from local.trial.forms import write_forms
from local.trial.visitors import Crowd, people
from local.twins.which50.twin import Which50Twin
from tests.chaos.trouble import Trouble

VARIABLES = {
    "DELIVERY_BUDGET_SECONDS": "1.5",
    "RETRY_BUDGET_SECONDS": "2",
    "RETRY_BASE_SECONDS": "0.2",
    "RETRY_MAX_SECONDS": "3",
    # What hangs is worked off 3 s after it was sent and shown half a second later, which is up to 3 s after a delivery
    # gave it up; the rest is for a busy machine.
    "SEARCH_LAG_SECONDS": "6",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "LOG_LEVEL": "INFO",
}
"""Hours made seconds."""

SEARCH_LAG_SECONDS = 0.5
VISIBILITY_SECONDS = "10"
"""Of a message whose handler was killed; longer than a batch takes."""

KEPT_LOG = ROOT / "test-results" / "chaos.log"
"""Where the log of a run stays whose books do not balance."""

QUIET_SECONDS = 240.0
"""How long the queue may take to drain. eSputnik's minute, in which it refuses repeats, is the longest wait."""


@dataclass(frozen=True)
class Options:
    """What may differ from run to run; the same seed makes the same people, faults and kills, in another order."""

    seed: int = 1
    size: int = 5000
    kills_per_second: float = 0.5
    at_once: int = 32


def run(options: Options, tell: Callable[[str], None]) -> tuple[Books, str]:
    """Run, and return the books and their table."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        with (folder / "log").open("ab") as log:
            stack_options = StackOptions(forms=write_forms(folder / "forms"), variables=VARIABLES, log=log)
            with Stack(stack_options) as stack:
                books, table = _run(stack, options, folder / "log", tell)
        if not books.balanced:
            KEPT_LOG.parent.mkdir(exist_ok=True)
            shutil.copy(folder / "log", KEPT_LOG)
        return books, table


def _run(stack: Stack, options: Options, log: Path, tell: Callable[[str], None]) -> tuple[Books, str]:
    _prepare(stack)
    trouble = Trouble(stack, options.seed, options.kills_per_second)
    crowd = Crowd(stack.url, options.at_once, options.seed, _progress(options.size, tell))
    started = time.monotonic()
    with crowd, trouble.brewing():
        crowd.sign_up(people(options.size, random.Random(options.seed)))  # noqa: S311  to be repeatable is the point
    troubled = time.monotonic() - started
    tell(f"{options.size} accepted after {troubled:.0f} s; trouble ends, {waiting(stack)} deliveries wait")
    _drain(stack)
    books = balance(stack, crowd.accepted, log)
    figures = {
        "seed": options.seed,
        "seconds of trouble": round(troubled),
        "seconds in all": round(time.monotonic() - started),
        "processes killed": trouble.kills,
        "vendor outages": trouble.outages,
        "vendor faults": sum(bool(e.fault) for twin in stack.twins.values() for e in list(twin.requests)),
        "vendor requests": sum(len(twin.requests) for twin in stack.twins.values()),
        **{f"answers {status}": count for status, count in sorted(crowd.refused.items())},
    }
    return books, report(books, figures)


def _prepare(stack: Stack) -> None:
    stack.clients.sqs.set_queue_attributes(
        QueueUrl=stack.references["RetryQueue"], Attributes={"VisibilityTimeout": VISIBILITY_SECONDS}
    )
    for twin in stack.twins.values():
        twin.options.search_lag = SEARCH_LAG_SECONDS
    which50 = stack.twins["which50"]
    assert isinstance(which50, Which50Twin)
    for each in which50.lists.values():
        # A list that subscribes whoever says nothing is refused as misconfigured; this one does not.
        each.fields = [replace(f, default="false") if f.name == "EmailConsent" else f for f in each.fields]


def _progress(size: int, tell: Callable[[str], None]) -> Callable[[int], None]:
    def told(accepted: int) -> None:
        if accepted % max(1, size // 10) == 0:
            tell(f"{accepted} of {size} sign-ups accepted")

    return told


def _drain(stack: Stack) -> None:
    deadline = time.monotonic() + QUIET_SECONDS
    empty = 0
    while empty < 3 and time.monotonic() < deadline:
        empty = empty + 1 if not waiting(stack) else 0
        time.sleep(0.3)
