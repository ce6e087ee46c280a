"""The stack of a trial: hours made seconds, vendors with their traps, and the wait until nothing waits any more."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from local.operator_command import run_relay
from local.queues.depth import depth
from local.stack import Stack, StackOptions
from local.trial.evidence import waiting
from local.trial.forms import write_forms
from local.twins.which50.twin import Which50Twin

VARIABLES: Mapping[str, str] = {
    "DELIVERY_BUDGET_SECONDS": "1.5",
    "RETRY_BUDGET_SECONDS": "2",
    "RETRY_BASE_SECONDS": "0.2",
    "RETRY_MAX_SECONDS": "3",
    # A write that hangs is made 3 s after it was sent and shown half a second later: up to 3 s after a delivery
    # gave it up; the rest is for a busy machine.
    "SEARCH_LAG_SECONDS": "6",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "LOG_LEVEL": "INFO",
}
"""Hours made seconds."""

SEARCH_LAG_SECONDS = 0.5
VISIBILITY_SECONDS = "10"
"""Of a message whose handler was killed; longer than a batch takes."""

DRAIN_SECONDS = 240.0
"""How long the queue may take to drain. eSputnik's minute, in which it refuses repeats, is the longest wait."""


@dataclass(frozen=True)
class Stage:
    """A running stack, and the file that it logs to."""

    stack: Stack
    log: Path


@contextmanager
def staged(variables: Mapping[str, str] = VARIABLES) -> Generator[Stage]:
    """Start the stack of a trial, with forms for every vendor."""
    with tempfile.TemporaryDirectory(prefix="trial-") as name:
        folder = Path(name)
        with (folder / "log").open("ab") as log:
            options = StackOptions(forms=write_forms(folder / "forms"), variables=variables, log=log)
            with Stack(options) as stack:
                _prepare(stack)
                yield Stage(stack, folder / "log")


def keep_log(log: Path, place: Path) -> None:
    """Copy the log of a trial whose books do not balance to a place where it stays."""
    place.parent.mkdir(exist_ok=True)
    shutil.copy(log, place)


def _prepare(stack: Stack) -> None:
    """Let the vendors' searches lag, and messages come back soon."""
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


def drain(stack: Stack, tell: Callable[[int], None] = lambda _: None) -> None:
    """Wait until the retry queue stays empty, or for so long that it never will be; `tell` how many wait."""
    deadline = time.monotonic() + DRAIN_SECONDS
    empty = 0
    while empty < 3 and time.monotonic() < deadline:
        left = waiting(stack)
        tell(left)
        empty = empty + 1 if not left else 0
        time.sleep(0.3)


def replay_parked(stack: Stack) -> int:
    """Replay every dead letter as an operator would, and wait for the end; return how many there were."""
    parked = depth(stack.clients.sqs, stack.references["DeadLetterQueue"])
    if parked:
        command = ["dead-letters", "replay", "--rate", "100"]
        is_done, said = run_relay(command, stack.operator_variables())
        assert is_done, said
        drain(stack)
    return parked
