"""Holds: a destination whose credentials are wrong keeps its messages, unspent and un-aged, until they are right again.

One item per destination records since when, for which credentials (a keyed fingerprint), and the holds that are over,
so that the time a message spent waiting can be taken off its age.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.aws.dynamodb import ConditionFailed, from_item, to_item, translated
from shared.ledger.person_hashing import People
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "hold#"

PROBE_SECONDS = 60
"""Between two tries with credentials that were refused; changed ones are tried at once."""

CACHE_SECONDS = 2.0
KEPT_SECONDS = 14 * 86_400
"""SQS keeps no message longer, so no message needs an older hold."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What is known of a destination's credentials. Times are milliseconds since the epoch."""

    since: int | None = None
    fingerprint: str = ""
    probe_at: int = 0
    over: tuple[tuple[int, int], ...] = field(default=())

    def held_since(self, moment: int, now: int) -> float:
        """Return how many seconds of [`moment`, `now`] fell into holds."""
        spans = (*self.over, *(((self.since, now),) if self.since is not None else ()))
        overlaps: list[int] = [max(0, min(end, now) - max(start, moment)) for start, end in spans]
        return sum(overlaps) / 1000


class Holds:
    """Reads and writes holds in the ledger table."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        people: People,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._wall_clock = wall_clock
        self._cache: dict[str, tuple[float, Hold]] = {}

    def of(self, destination: str) -> Hold:
        """Return the destination's hold, a few seconds old at most.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        read_at, hold = self._cache.get(destination, (float("-inf"), Hold()))
        if self._wall_clock() - read_at < CACHE_SECONDS:
            return hold
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=_key(destination), ConsistentRead=True)
        return self._remember(destination, _hold(from_item(answer.get("Item", {}))))

    def may_try(self, destination: str, hold: Hold, credentials: Mapping[str, Any]) -> bool:
        """Whether a call is due: the credentials have changed since they were refused, or it is our turn to probe."""
        if hold.since is None or hold.fingerprint != self._fingerprint(credentials):
            return True
        if self._now() < hold.probe_at:
            return False
        try:
            with translated():
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(destination),
                    UpdateExpression="SET probe_at = :next",
                    ConditionExpression="probe_at = :seen",
                    ExpressionAttributeValues=to_item(
                        {":next": self._now() + PROBE_SECONDS * 1000, ":seen": hold.probe_at}
                    ),
                )
        except ConditionFailed:
            return False
        return True

    def begin(self, destination: str, credentials: Mapping[str, Any]) -> None:
        """Record that these credentials were refused."""
        hold = self.of(destination)
        now, fingerprint = self._now(), self._fingerprint(credentials)
        if hold.since is not None and hold.fingerprint == fingerprint and hold.probe_at > now:
            return
        self._store(destination, Hold(hold.since or now, fingerprint, now + PROBE_SECONDS * 1000, self._recent(hold)))
        if hold.since is None:
            logger.error(
                "credentials refused; the destination's messages are held until the secret is right",
                destination=destination,
            )
        count("CredentialsHeld", destination=destination)

    def end(self, destination: str, hold: Hold) -> None:
        """Record that the credentials are accepted again."""
        if hold.since is None:
            return
        over = (*self._recent(hold), (hold.since, self._now()))
        self._store(destination, Hold(over=over))
        logger.info("credentials accepted again", destination=destination)
        count("CredentialsAccepted", destination=destination)

    def _recent(self, hold: Hold) -> tuple[tuple[int, int], ...]:
        return tuple(span for span in hold.over if span[1] > self._now() - KEPT_SECONDS * 1000)

    def _store(self, destination: str, hold: Hold) -> None:
        item = {
            "hold_since": hold.since,
            "fingerprint": hold.fingerprint,
            "probe_at": hold.probe_at,
            "hold_over": json.dumps(hold.over),
            "expiration": self._now() // 1000 + 2 * KEPT_SECONDS,
        }
        with translated():
            self._client.put_item(TableName=self._table, Item={**_key(destination), **to_item(item)})
        self._remember(destination, hold)

    def _remember(self, destination: str, hold: Hold) -> Hold:
        self._cache[destination] = (self._wall_clock(), hold)
        return hold

    def _fingerprint(self, credentials: Mapping[str, Any]) -> str:
        return self._people.hashed("credentials", json.dumps(credentials, sort_keys=True))

    def _now(self) -> int:
        return int(self._wall_clock() * 1000)


def _key(destination: str) -> dict[str, Any]:
    return to_item({"id": f"{PREFIX}{destination}"})


def _hold(item: Mapping[str, Any]) -> Hold:
    spans = json.loads(item.get("hold_over", "[]"))
    return Hold(
        since=item.get("hold_since"),
        fingerprint=item.get("fingerprint", ""),
        probe_at=item.get("probe_at", 0),
        over=tuple((start, end) for start, end in spans),
    )
