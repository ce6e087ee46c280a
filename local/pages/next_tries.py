"""When the deliveries that wait are tried next, as the ledger has it for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local.story.entries import Note, SignUp
from shared.aws.dynamodb import DynamoDBTable
from shared.ledger.retries import key, retry_in

WAITING = frozenset({"queued", "held"})

NextTries = Mapping[tuple[str, str], float]
"""Submission and destination → seconds since the epoch. The first wait is not in it: nothing has noted it yet."""


def read_next_tries(entries: Iterable[SignUp | Note], table: DynamoDBTable) -> NextTries:
    """Read the times of all that waits in the entries, with one call."""
    keys = [
        key(entry.id, destination)
        for entry in entries
        if isinstance(entry, SignUp)
        for destination in entry.deliveries
        if entry.state_of(destination) in WAITING
    ]
    retries = map(retry_in, table.get_many(keys).values()) if keys else ()
    return {(each.submission_id, each.destination): each.again_at / 1000 for each in retries if each.again_at}
