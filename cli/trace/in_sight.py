"""What both queues show just now: read once, for all that a trace asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.dead_letters.letters import Letter
from cli.deployment import Deployment
from cli.frame.console import Console
from cli.visible_messages import ReceivedMessage, VisibleMessages


@dataclass(frozen=True, slots=True)
class InSight:
    """The visible messages of both queues, and how many of each could not be looked at."""

    queued: list[ReceivedMessage] = field(repr=False)
    letters: list[ReceivedMessage] = field(repr=False)
    hidden: tuple[int, int]

    def submission_ids(self) -> Iterator[str]:
        """Return the sign-ups that the messages are of, as often as there are messages."""
        return (Letter.of(each).submission_id for each in (*self.queued, *self.letters))


def look(deployment: Deployment, console: Console) -> InSight:
    """Read both queues."""
    settings = deployment.settings
    queued, queue_hidden = _messages(settings.retry_queue_url, "the retry queue", deployment, console)
    letters, letters_hidden = _messages(settings.dead_letter_queue_url, "the dead letters", deployment, console)
    return InSight(queued, letters, (queue_hidden, letters_hidden))


def _messages(url: str, name: str, deployment: Deployment, console: Console) -> tuple[list[ReceivedMessage], int]:
    with (
        console.progress(f"Reading {name}") as advance,
        VisibleMessages(deployment, url, advance=advance) as messages,
    ):
        return list(messages), messages.depth.hidden
