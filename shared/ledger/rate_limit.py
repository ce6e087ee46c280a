"""Rate limits: a sliding window in one item per key, counted by one update.

The last window's count fades out linearly while the current one fills.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from boto3.dynamodb.conditions import Attr

from shared.aws.dynamodb import Change, ConditionFailed, Item, Table, absent

CALLER = "caller#"
RECIPIENT = "recipient#"
DESTINATION = "destination#"
"""Prefixes of keys: what is limited."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_SLOTS = 4
"""Counters that an item may hold before the old ones are cleared away."""


class RateLimit:
    """Counts what is done under a key."""

    def __init__(self, table: Table, wall_clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._wall_clock = wall_clock

    def take(self, limit: str, key: str) -> float:
        """Count one under `key`, if there is room for it.

        Args:
            limit: like `20/minute`, or `off`.
            key: one of the prefixes and what is limited; no personal data.

        Returns:
            0 where it was counted, else the seconds after which there is room again.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        if limit == "off":
            return 0.0
        allowed, _, unit = limit.partition("/")
        return _Window(self._table, key, int(allowed), _SECONDS[unit], self._wall_clock()).take()


class _Window:
    def __init__(self, table: Table, key: str, allowed: int, seconds: int, now: float) -> None:
        self._table = table
        self._key = key
        self._allowed = allowed
        self._seconds = seconds
        slot, self._into = divmod(now, seconds)
        self._slot = int(slot)

    def take(self) -> float:
        try:
            item = self._count(1)
        except ConditionFailed as full:
            return self._wait(full.item, counted=0)
        wait = self._wait(item, counted=1)
        if wait:
            self._count(-1)
        elif len(_slots(item)) > _SLOTS:
            kept = {_name(slot): item.get(_name(slot), 0) for slot in (self._slot - 1, self._slot)}
            self._table.put({"id": self._key, **kept, "expiration": self._expires})
        return wait

    def _count(self, number: int) -> Item:
        change = Change(set={"expiration": self._expires}, add={_name(self._slot): number})
        has_room = absent(_name(self._slot)) | Attr(_name(self._slot)).lt(self._allowed)
        return self._table.update(self._key, change, has_room if number > 0 else None)

    def _wait(self, item: Item, counted: int) -> float:
        """Return the seconds until one more fits, 0 if the one that was `counted` fits now."""
        before = int(item.get(_name(self._slot - 1), 0))
        own = int(item.get(_name(self._slot), 0)) - counted
        left_of_window = self._seconds - self._into
        if own + 1 + int(before * left_of_window / self._seconds) <= self._allowed:
            return 0.0
        if own + 1 > self._allowed:
            return max(1.0, left_of_window)
        # Within this window, once enough of the last one has faded.
        return max(1.0, self._seconds * (1 - (self._allowed - own) / before) - self._into)

    @property
    def _expires(self) -> int:
        return (self._slot + 3) * self._seconds


def _name(slot: int) -> str:
    return f"hits_{slot}"


def _slots(item: Item) -> list[str]:
    return [name for name in item if name.startswith("hits_")]
