"""Why a delivery that waits cannot be hurried, and when it is tried without that."""

from __future__ import annotations

from collections.abc import Iterator

from cli.deployment import Deployment
from cli.frame.console import Console, iso_time
from cli.gates import closed_because, read_gates
from cli.trace.evidence import gather
from cli.trace.in_sight import look
from cli.trace.verdict import FIRST_WAIT, Verdict, judged
from cli.trace.whole_ids import whole_ids
from shared.aws.limits import MAX_DELAY_SECONDS
from shared.ledger.gates import Gate
from shared.ledger.retries import Retry
from shared.queue.retry_policy import LONGEST_HOLD, LONGEST_WAIT


def why_closed(destination: str, deployment: Deployment) -> str | None:
    """Return why a destination takes nothing now, and when it is tried again; None where it takes deliveries."""
    gate, now = read_gates(deployment).get(destination, Gate()), deployment.wall_clock()
    because = closed_because(gate, now)
    if because is None:
        return None
    longest = LONGEST_WAIT if gate.held_since is None else LONGEST_HOLD
    return f"{destination} takes nothing now ({because}); {_by(max(now + longest, gate.paused_until / 1000))}"


def why_out_of_reach(retry: Retry, deployment: Deployment) -> str:
    """Return why SQS does not let a message be hurried: it was handed out again since its last failure."""
    closed = why_closed(retry.destination, deployment)
    return closed or f"it was looked at since it failed last; {_by(deployment.wall_clock() + LONGEST_WAIT)}"


def why_none(given: str, deployment: Deployment, console: Console) -> Iterator[str]:
    """Return what is known of a sign-up none of whose deliveries can be hurried."""
    in_sight = look(deployment, console)
    match whole_ids(given, in_sight, deployment, console):
        case [whole] if whole == given:
            found = gather(whole, in_sight, deployment, console)
            waiting = [each for each in judged(found, deployment) if each.state == "waiting"]
            yield from (f"{given} to {each.destination}: {_why(each, deployment)}" for each in waiting)
            if not waiting:
                yield f"{given}: none of its deliveries waits"
        case []:
            yield f"{given}: nothing is known of such a sign-up"
        case several:
            yield f"{given}: give the whole id: {', '.join(several)}"


def _why(waiting: Verdict, deployment: Deployment) -> str:
    closed = why_closed(waiting.destination, deployment)
    if closed:
        return closed
    if waiting.reason == FIRST_WAIT:
        # SQS cannot bring a delayed message forward ("Amazon SQS message timers").
        return f"waits for its first retry, which cannot be hurried; {_by(deployment.wall_clock() + MAX_DELAY_SECONDS)}"
    return str(waiting.reason)


def _by(time: float) -> str:
    return f"tried again by itself, by {iso_time(time)} at the latest"
