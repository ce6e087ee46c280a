"""What is known of the deliveries that wait, from the ledger and from what the retry queue shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any

from cli.deployment import Deployment
from cli.frame.console import Console, iso_time
from cli.gates import GatesNow
from cli.ledger_items import scan_prefix
from cli.visible_messages import Depth, VisibleMessages
from shared.ledger import retries
from shared.ledger.retries import Retry
from shared.queue.messages import Message, UnreadableMessage

OUT_OF_SIGHT = "for their first retry, a quarter of an hour at most, or for a destination that takes nothing now"
NOT_TRIED = "not tried since it was queued"

Row = dict[str, Any]


def known_deliveries(
    deployment: Deployment, gates: GatesNow, console: Console
) -> tuple[dict[tuple[str, str], Row], Depth]:
    """Return what is known of single deliveries, by submission and destination, and the queue's depth.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    with console.progress("Reading the ledger") as advance:
        known = {}
        for retry in all_waiting(deployment):
            known[retry.submission_id, retry.destination] = _row(retry, gates)
            advance()
    with (
        console.progress("Reading the retry queue") as advance,
        VisibleMessages(deployment, deployment.settings.retry_queue_url, advance=advance) as messages,
    ):
        for received in messages:
            try:
                message = Message.parse(received.body)
            except UnreadableMessage:
                continue
            key = (message.submission.id, message.destination)
            known[key] = {**known.get(key, _untried(message)), "next_try": gates.next_try(message.destination, 0)}
        return known, messages.depth


def all_waiting(deployment: Deployment) -> Iterator[Retry]:
    """Return what the retry function has tried in vain and will try again."""
    items = map(retries.retry_in, scan_prefix(deployment, retries.PREFIX))
    return (retry for retry in items if retry.state == retries.WAITING)


def _row(retry: Retry, gates: GatesNow) -> Row:
    return {
        "submission_id": retry.submission_id,
        "form": retry.form,
        "destination": retry.destination,
        "reason": retry.reason,
        "attempts": retry.attempts,
        "first_failed_at": iso_time(retry.first_failed_at / 1000),
        "next_try": gates.next_try(retry.destination, retry.again_at),
        "last_error": retry.cause,
    }


def _untried(message: Message) -> Row:
    return {
        "submission_id": message.submission.id,
        "form": message.submission.form,
        "destination": message.destination,
        "reason": NOT_TRIED,
        "attempts": None,
        "first_failed_at": iso_time(message.first_failed_at / 1000),
        "next_try": None,
        "last_error": None,
    }


def totals(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of one destination and reason as one."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["destination"], row["reason"]), []).append(row)
    return [
        {
            "destination": destination,
            "reason": reason,
            "deliveries": len(group),
            "oldest": min(row["first_failed_at"] for row in group),
            "next_try": _soonest(group),
        }
        for (destination, reason), group in sorted(groups.items())
    ]


def _soonest(rows: Sequence[Mapping[str, Any]]) -> str:
    times = [row["next_try"] for row in rows]
    return "now" if "now" in times else min(times)


def told_unlisted(number: int, listed: Sized) -> str:
    """Return a sentence on how many wait beside those that are listed, and for what."""
    more = f"about {number} more wait" if listed else f"about {number} wait, all of them"
    return f"{more} out of sight: {OUT_OF_SIGHT}"


def number_unlisted(known: Sized, queued: Depth) -> int:
    """Return about how many deliveries wait beside those known."""
    return max(0, queued.visible + queued.hidden - len(known))
