"""Quarantine: suspected spam is kept for 30 days, and delivered only when a person releases it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.aws.dynamodb import Item, Table
from shared.ledger.answers import DESTINATIONS, Told
from shared.telemetry import count, logger

PREFIX = "quarantine#"
KEPT_SECONDS = 30 * 86_400

RELEASED = "released#"
"""Begins the key of what remains of a suspect that a person released."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A sign-up that is taken for spam.

    Attributes:
        submission_id: its id.
        form: the form's id.
        reason: why it is suspected, e.g. `honeypot`.
        submitted: the values to keep, by field name.
        received_at: milliseconds since the epoch.
        page: where the form stood.
        caller: keyed hash of the caller's address.
        people: keyed hashes by which an erasure finds it.
    """

    submission_id: str
    form: str
    reason: str
    submitted: Mapping[str, Any] = field(repr=False)
    received_at: int
    page: str | None
    caller: str | None
    people: frozenset[str]


def released(suspect: Item, destinations: Mapping[str, Told], now: float) -> Item:
    """Return what remains of a released suspect: when and to which destinations, and nothing that was submitted.

    Args:
        suspect: its item in quarantine.
        destinations: what the release did at each.
        now: seconds since the epoch.
    """
    kept = {"form", "reason", "received_at", "people"}
    return {
        **{name: value for name, value in suspect.items() if name in kept},
        "id": RELEASED + str(suspect["id"]).removeprefix(PREFIX),
        "released_at": int(now * 1000),
        "data": json.dumps({DESTINATIONS: destinations}),
        "expiration": int(now) + KEPT_SECONDS,
    }


class Quarantine:
    """Stores suspects in the ledger table; they are personal data and expire by TTL."""

    def __init__(self, table: Table, wall_clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._wall_clock = wall_clock

    def keep(self, suspect: Suspect) -> None:
        """Store one suspect.

        Raises:
            LedgerUnavailable: DynamoDB failed; nothing is kept.
        """
        item = {
            "id": f"{PREFIX}{suspect.submission_id}",
            "form": suspect.form,
            "reason": suspect.reason,
            "submitted": json.dumps(suspect.submitted),
            "received_at": suspect.received_at,
            "page": suspect.page or "",
            "caller": suspect.caller or "",
            "expiration": int(self._wall_clock()) + KEPT_SECONDS,
            **({"people": set(suspect.people)} if suspect.people else {}),
        }
        self._table.put(item)
        logger.warning("quarantined", form=suspect.form, reason=suspect.reason, submission_id=suspect.submission_id)
        count("Quarantined", form=suspect.form)
