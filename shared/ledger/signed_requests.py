"""Signed requests: one that was accepted is not accepted again.

A sender signs every attempt, with the same message id and the time of the attempt ("Standard Webhooks", webhook
metadata), and gets the first answer by idempotency. The very same signature a second time is a copy.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from shared.aws.dynamodb import Table
from shared.ledger.person_hashing import PersonHasher


class SignedRequests:
    """Remembers accepted attempts in the ledger table for as long as their signed time is tolerated."""

    def __init__(self, table: Table, hasher: PersonHasher, wall_clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._hasher = hasher
        self._wall_clock = wall_clock

    def was_accepted(self, form_id: str, attempt_id: str) -> bool:
        """Whether this very attempt was accepted before.

        Raises:
            LedgerUnavailable: it cannot be known.
        """
        return self._table.get(self._key(form_id, attempt_id)) is not None

    def remember(self, form_id: str, attempt_id: str, tolerance: float) -> None:
        """Remember an accepted attempt; its time is tolerated `tolerance` seconds to either side.

        Raises:
            LedgerUnavailable: it is not remembered.
        """
        expiration = int(self._wall_clock() + 2 * tolerance)
        self._table.put({"id": self._key(form_id, attempt_id), "expiration": expiration})

    def _key(self, form_id: str, attempt_id: str) -> str:
        return f"replay#{form_id}#{self._hasher.hashed('attempt', form_id, attempt_id)}"
