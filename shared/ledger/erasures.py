"""Erasures: what a person sent before asking to be forgotten is not delivered any more, wherever it still waits.

A message that is delayed or in flight cannot be looked for in its queue, so an erasure leaves a mark, and the retry
handler drops what the mark covers. A mark is a keyed hash and a time; it outlives every message there can be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from shared.aws.dynamodb import Item, Table

PREFIX = "erased#"
KEPT_SECONDS = 30 * 86_400
"""A message lives for 10 days in the retry queue and for 14 in the dead-letter queue, see `template.yaml`."""


def key(hashed: str) -> str:
    """Return the key of a person's mark."""
    return PREFIX + hashed


def mark(table: Table, people: Iterable[str], wall_clock: Callable[[], float] = time.time) -> None:
    """Record that people, by their hashes, are to be forgotten as of now.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    now = wall_clock()
    for hashed in people:
        table.put({"id": key(hashed), "erased_at": int(now * 1000), "expiration": int(now) + KEPT_SECONDS})


def covers(items: Mapping[str, Item], people: Iterable[str], received_at: int) -> bool:
    """Whether a sign-up of that time (milliseconds since the epoch) was made before its person asked to be forgotten.

    Args:
        items: what was read from the ledger, by key.
        people: the sign-up's people, by their hashes.
        received_at: when it was sent.
    """
    marks = (items[key(hashed)] for hashed in people if key(hashed) in items)
    return any(int(item.get("erased_at", 0)) >= received_at for item in marks)
