"""What became of deliveries that had to be tried again: one item per sign-up and destination, for people who ask.

No delivery depends on these items. They hold ids, times and reasons, no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from shared.aws.dynamodb import Item, Table

PREFIX = "retry#"
KEPT_SECONDS = 28 * 86_400
"""Twice as long as SQS keeps any message."""

WAITING = "waiting"
"""State of a delivery that will be tried again; any other state is final."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The last attempt at one delivery. Times are milliseconds since the epoch.

    Attributes:
        state: `waiting`, or how it ended: an outcome's kind, e.g. `delivered`.
        reason: fixed phrase, why it waits or ended so.
        attempts: how many have failed.
        cause: the last error, in our words.
        again_at: when the next attempt is due; 0 for none.
        handle: the message's receipt handle, with which it can be made visible earlier ("ChangeMessageVisibility").
    """

    submission_id: str
    form: str
    destination: str
    state: str
    reason: str | None
    attempts: int
    cause: str | None
    first_failed_at: int
    tried_at: int
    again_at: int = 0
    handle: str = field(default="", repr=False)


def key(submission_id: str, destination: str) -> str:
    """Return the key of a delivery's item."""
    return f"{PREFIX}{submission_id}#{destination}"


def note(table: Table, retry: Retry) -> None:
    """Store the last attempt.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    known = {name: value for name, value in asdict(retry).items() if value not in (None, "", 0)}
    expiration = retry.tried_at // 1000 + KEPT_SECONDS
    table.put({**known, "id": key(retry.submission_id, retry.destination), "expiration": expiration})


def retry_in(item: Item) -> Retry:
    """Return what an item holds."""
    return Retry(
        submission_id=item["submission_id"],
        form=item["form"],
        destination=item["destination"],
        state=item["state"],
        reason=item.get("reason"),
        attempts=item.get("attempts", 0),
        cause=item.get("cause"),
        first_failed_at=item.get("first_failed_at", 0),
        tried_at=item["tried_at"],
        again_at=item.get("again_at", 0),
        handle=item.get("handle", ""),
    )


def read(table: Table, submission_id: str, destinations: Iterable[str]) -> Iterator[Retry]:
    """Return what is known of a sign-up's deliveries.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    found = table.get_many(key(submission_id, destination) for destination in sorted(set(destinations)))
    return map(retry_in, found.values())
