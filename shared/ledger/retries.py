"""What became of deliveries that had to be tried again: one item per sign-up and destination, for people who ask.

No delivery depends on these items, which hold ids, times and reasons, and people as keyed hashes (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from shared.aws.dynamodb import Change, Item, Table

PREFIX = "retry#"
KEPT_SECONDS = 28 * 86_400
"""Twice as long as SQS keeps any message."""

WAITING = "waiting"
"""State of a delivery that will be tried again; any other state is final."""

DROPPED = "dropped"
"""State of a dead letter that a person deleted."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The last attempt at one delivery. Times are milliseconds since the epoch.

    Attributes:
        state: `waiting`, or how it ended: an outcome's kind, e.g. `delivered`, or `dropped` by a person.
        reason: fixed phrase, why it waits or ended so.
        attempts: how many have failed.
        cause: the last error, in our words.
        received_at: when the sign-up was sent.
        again_at: when the next attempt is due; 0 for none.
        people: keyed hashes by which an erasure finds it.
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
    received_at: int
    people: frozenset[str] = frozenset()
    again_at: int = 0
    handle: str = field(default="", repr=False)


def key(submission_id: str, destination: str) -> str:
    """Return the key of a delivery's item."""
    return f"{PREFIX}{submission_id}#{destination}"


def note(table: Table, retry: Retry) -> None:
    """Store the last attempt. A successful one leaves the last error as it was.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    known = {name: value for name, value in asdict(retry).items() if value}
    if retry.people:
        known["people"] = set(retry.people)  # DynamoDB takes no empty set
    known["expiration"] = retry.tried_at // 1000 + KEPT_SECONDS
    change = Change(set=known, remove=[name for name in ("reason", "again_at", "handle") if name not in known])
    table.update(key(retry.submission_id, retry.destination), change)


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
        received_at=item["received_at"],
        people=frozenset(item.get("people", ())),
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
