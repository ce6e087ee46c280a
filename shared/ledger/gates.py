"""Gates: why nothing may be sent to a destination just now. One item per destination, one cached read for all reasons.

- *held*: its credentials are refused, so its messages wait without losing attempts or age;
- *paused*: it asked for fewer calls (429), so nobody calls it before its `Retry-After` is over;
- *circuit*: Powertools' circuit breaker keeps its state here (`shared.delivery.circuit`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.conditions import Attr

from shared.aws.dynamodb import Change, ConditionFailed, Item, Table, absent
from shared.ledger.person_hashing import PersonHasher
from shared.telemetry import count, logger

PREFIX = "gate#"

PROBE_SECONDS = 60
"""Between two tries with credentials that were refused; changed ones are tried at once."""

CACHE_SECONDS = 5.0
"""For how long an environment relies on what it has read; its own changes it knows at once."""
KEPT_SECONDS = 28 * 86_400
"""Twice as long as SQS keeps any message."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What is known of a destination. Times are milliseconds since the epoch.

    Attributes:
        held_since: since when its credentials are refused; None if they are not.
        held_because: why, e.g. `refused` or `missing`.
        fingerprint: keyed hash of the refused credentials.
        probe_at: when they may be tried again.
        past_holds: holds that are over, from and to.
        paused_until: until when the destination asked not to be called.
        circuit: what the circuit breaker stores.
    """

    held_since: int | None = None
    held_because: str = ""
    fingerprint: str = ""
    probe_at: int = 0
    past_holds: tuple[tuple[int, int], ...] = ()
    paused_until: int = 0
    circuit: Mapping[str, Any] = field(default_factory=dict)

    def held_seconds_since(self, moment: int, now: int) -> float:
        """Return how many seconds of [`moment`, `now`] fell into holds."""
        spans = (*self.past_holds, *(((self.held_since, now),) if self.held_since is not None else ()))
        overlaps: list[int] = [max(0, min(end, now) - max(start, moment)) for start, end in spans]
        return sum(overlaps) / 1000


class Gates:
    """Reads and changes gates in the ledger table. Every method may raise `LedgerUnavailable`."""

    def __init__(self, table: Table, hasher: PersonHasher, wall_clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._hasher = hasher
        self._wall_clock = wall_clock
        self._cache: dict[str, tuple[float, Gate]] = {}

    def of(self, destination: str) -> Gate:
        """Return a destination's gate, a few seconds old at most."""
        known = self.cached(destination)
        return known if known is not None else self.remember(destination, self._table.get(key(destination)))

    def cached(self, destination: str) -> Gate | None:
        """Return what this environment knows already, if it is recent enough."""
        read_at, gate = self._cache.get(destination, (float("-inf"), None))
        return gate if self._wall_clock() - read_at < CACHE_SECONDS else None

    def remember(self, destination: str, item: Item | None) -> Gate:
        """Take up an item that was read, or None where there is none."""
        gate = read_gate(item or {})
        self._cache[destination] = (self._wall_clock(), gate)
        return gate

    def change(self, destination: str, change: Change, condition: Any = None) -> Gate:
        """Change a destination's item; raises `ConditionFailed`, and then knows the item as it is."""
        kept = Change(
            set={**change.set, "expiration": self._now_ms() // 1000 + KEPT_SECONDS}, remove=tuple(change.remove)
        )
        try:
            return self.remember(destination, self._table.update(key(destination), kept, condition))
        except ConditionFailed as failed:
            self.remember(destination, failed.item)
            raise

    def pause(self, destination: str, seconds: float) -> None:
        """Call a destination no more for so long; a pause is never shortened."""
        until = self._now_ms() + int(seconds * 1000)
        try:
            self.change(
                destination,
                Change(set={"paused_until": until}),
                absent("paused_until") | Attr("paused_until").lt(until),
            )
        except ConditionFailed:
            return
        logger.warning("destination asked for fewer calls; paused", destination=destination)
        count("Paused", destination=destination)

    def may_try(self, destination: str, gate: Gate, credentials: Mapping[str, Any]) -> bool:
        """Whether a call is due: not held, or held for other credentials, or it is our turn to probe."""
        if gate.held_since is None or gate.fingerprint != self._fingerprint(credentials):
            return True
        if self._now_ms() < gate.probe_at:
            return False
        try:
            probe_at = self._now_ms() + PROBE_SECONDS * 1000
            self.change(destination, Change(set={"probe_at": probe_at}), Attr("probe_at").eq(gate.probe_at))
        except ConditionFailed:
            return False
        return True

    def hold(self, destination: str, credentials: Mapping[str, Any], because: str) -> None:
        """Record that these credentials are refused, or missing; its messages are held from now on."""
        gate, now, fingerprint = self.of(destination), self._now_ms(), self._fingerprint(credentials)
        if gate.held_since is not None and gate.fingerprint == fingerprint and gate.probe_at > now:
            return
        self.change(
            destination,
            Change(
                set={
                    "held_since": gate.held_since or now,
                    "held_because": because,
                    "fingerprint": fingerprint,
                    "probe_at": now + PROBE_SECONDS * 1000,
                }
            ),
        )
        if gate.held_since is None:
            logger.error(
                "credentials do not work; the destination's messages are held until its secret is right",
                destination=destination,
                reason=because,
            )
        count("CredentialsHeld", destination=destination)

    def end_hold(self, destination: str, gate: Gate) -> None:
        """Record that the credentials work again."""
        if gate.held_since is None:
            return
        oldest = self._now_ms() - KEPT_SECONDS * 1000
        past = [span for span in (*gate.past_holds, (gate.held_since, self._now_ms())) if span[1] > oldest]
        self.change(
            destination,
            Change(
                set={"past_holds": json.dumps(past)}, remove=["held_since", "held_because", "fingerprint", "probe_at"]
            ),
        )
        logger.info("credentials work again", destination=destination)
        count("CredentialsAccepted", destination=destination)

    def _fingerprint(self, credentials: Mapping[str, Any]) -> str:
        return self._hasher.hashed("credentials", json.dumps(credentials, sort_keys=True))

    def _now_ms(self) -> int:
        return int(self._wall_clock() * 1000)


def key(destination: str) -> str:
    """Return the key of a destination's item."""
    return f"{PREFIX}{destination}"


def read_gate(item: Item) -> Gate:
    """Return what a destination's item says."""
    return Gate(
        held_since=item.get("held_since"),
        held_because=item.get("held_because", ""),
        fingerprint=item.get("fingerprint", ""),
        probe_at=item.get("probe_at", 0),
        past_holds=tuple((start, end) for start, end in json.loads(item.get("past_holds", "[]"))),
        paused_until=item.get("paused_until", 0),
        circuit=item.get("circuit") or {},
    )
