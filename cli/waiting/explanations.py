"""Why a delivery that waits cannot be hurried, and when it is tried without that."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cli.deployment import Deployment
from cli.frame.console import Console, iso_time
from cli.frame.ids import WHOLE
from cli.gates import CIRCUIT_OPEN, gates_now
from cli.trace.evidence import gather
from cli.trace.in_sight import look
from cli.trace.judging import judged
from cli.trace.verdict import FIRST_WAIT, NOT_IN_SIGHT, Verdict
from shared.aws.limits import MAX_DELAY_SECONDS
from shared.ledger.retries import Retry


class Explanations:
    """Says why not, by what the gates were when it was made."""

    def __init__(self, deployment: Deployment, console: Console) -> None:
        self._deployment = deployment
        self._console = console
        self._gates = gates_now(deployment)

    def closed(self, destination: str) -> str | None:
        """Return why a destination takes nothing now, and when it is tried again; None where it takes deliveries."""
        because = self._gates.closed_because(destination)
        if because is None:
            return None
        by = _by(self._gates.latest_look(destination))
        soon = "soon after the vendor answers again, " if because == CIRCUIT_OPEN else ""
        return f"{destination} takes nothing now ({because}); {soon}{by}"

    def out_of_reach(self, retry: Retry) -> str:
        """Return why SQS does not let a message be hurried: it was handed out again since its last failure."""
        by = _by(self._gates.latest_look(retry.destination))
        looked_at = f"the retry function has looked at it since it failed last, and left it; {by}"
        return self.closed(retry.destination) or looked_at

    def of_others(self, given: str, hurried: Collection[str], only: str | None) -> Iterator[str]:
        """Return why the other deliveries of a sign-up cannot be hurried.

        Args:
            given: the sign-up's id.
            hurried: destinations of the deliveries that can be.
            only: the one destination that matters; None for all.
        """
        if not WHOLE.fullmatch(given):
            yield f"{given}: nothing is known of such a sign-up"
            return
        found = gather(given, look(self._deployment, self._console), self._deployment, self._console)
        waiting = [each for each in judged(found, self._deployment) if each.state == "waiting"]
        others = [each for each in waiting if each.destination not in hurried and only in (None, each.destination)]
        if hurried:
            others = [each for each in others if not str(each.reason).startswith(NOT_IN_SIGHT)]
        yield from (f"{given} to {each.destination}: {self._why(each)}" for each in others)
        if not others and not hurried:
            yield f"{given}: none of its deliveries is known to wait"

    def _why(self, waiting: Verdict) -> str:
        closed = self.closed(waiting.destination)
        if closed or waiting.reason != FIRST_WAIT:
            when = f"; tried again by itself: {waiting.next_try}" if waiting.next_try else ""
            return closed or f"{waiting.reason}{when}"
        # SQS cannot bring a delayed message forward ("Amazon SQS message timers").
        by = _by(iso_time(self._deployment.wall_clock() + MAX_DELAY_SECONDS))
        return f"waits for its first retry, which cannot be hurried; {by}"


def _by(time: str) -> str:
    return f"tried again by itself, by {time} at the latest"
