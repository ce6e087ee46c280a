"""What became of replayed dead letters, asked of the ledger until it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cli.dead_letters.letters import Letter
from cli.dead_letters.replay import person_key_of
from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from cli.frame.console import Console
from cli.gates import gates_now
from shared.aws.dynamodb import Item
from shared.delivery.late_write import Recency, recency_of
from shared.forms.destination import skip_reason
from shared.ledger import retries
from shared.person_record import PersonRecord
from shared.queue.messages import Message

WAIT_SECONDS = 300.0
"""Longer than the retry function needs for a message that is due."""

WELL = frozenset({"delivered", "superseded", "skipped"})
"""States that need nobody any more."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A letter that was replayed, and what the ledger said just before; `at` in milliseconds since the epoch."""

    letter: Letter
    message: Message
    at: int
    released_by: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replay ended: a delivery's state, and why."""

    state: str
    reason: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look at it again."""
        return self.state in WELL

    def __str__(self) -> str:
        """Return it in one phrase."""
        return f"{self.state} ({self.reason})" if self.reason else self.state


def before_replay(letter: Letter, message: Message, deployment: Deployment) -> Replayed:
    """Note what the ledger says now, to know later what has changed."""
    item = _person(message, deployment) or {}
    return Replayed(letter, message, int(deployment.wall_clock() * 1000), item.get("released_by"))


def outcomes(replayed: Sequence[Replayed], deployment: Deployment, console: Console) -> list[Outcome]:
    """Wait until the retry function has tried each, in vain or not; five minutes at most."""
    known: dict[int, Outcome] = {}
    end = deployment.wall_clock() + WAIT_SECONDS
    with console.progress("Waiting for the outcome", len(replayed)) as advance:
        while len(known) < len(replayed) and deployment.wall_clock() < end:
            for number, each in enumerate(replayed):
                outcome = None if number in known else _outcome(each, deployment)
                if outcome is not None:
                    known[number] = outcome
                    advance()
            if len(known) < len(replayed):
                deployment.sleep(1)
    return [known.get(number) or _still_waiting(each, deployment) for number, each in enumerate(replayed)]


def counted_states(found: Sequence[Outcome]) -> str:
    """Return how many ended in each state, like `2 delivered, 1 dead-letter`; what was delivered always."""
    counts = {"delivered": 0, **Counter(outcome.state for outcome in found)}
    return ", ".join(
        f"{number} {state}{' again' if state == 'dead-letter' else ''}" for state, number in counts.items()
    )


def _outcome(replayed: Replayed, deployment: Deployment) -> Outcome | None:
    message = replayed.message
    for retry in retries.read(deployment.table, message.submission.id, [message.destination]):
        if retry.tried_at >= replayed.at:
            return Outcome(retry.state, retry.cause or retry.reason)
    destination = destinations_by_name(deployment.forms).get(message.destination)
    if destination is None:
        return None
    if reason := skip_reason(destination, message.submission):
        return Outcome("skipped", reason)
    item = _person(message, deployment) or {}
    record = PersonRecord(stamp=str(message.submission.stamp), forms=dict(item.get("forms", {})))
    match recency_of(destination, message.submission, record):
        case Recency.SAME:
            return Outcome("delivered")
        case Recency.OLDER if item.get("released_by") != replayed.released_by:
            return Outcome("superseded", "at least in part, by a newer sign-up")
    return None


def _still_waiting(replayed: Replayed, deployment: Deployment) -> Outcome:
    because = gates_now(deployment).closed_because(replayed.message.destination)
    return Outcome("waiting", because or "not tried yet")


def _person(message: Message, deployment: Deployment) -> Item | None:
    key = person_key_of(message, deployment)
    return deployment.table.get(key) if key else None
