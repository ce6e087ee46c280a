"""Signed requests: a signed request that was accepted is not accepted again.

A sender that tries again signs anew, with the same message id and the time of the new attempt ("Standard Webhooks",
webhook metadata), and gets the first answer by idempotency. The very same signature a second time is a copy: refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.aws.dynamodb import to_item, translated
from shared.ledger.person_hashing import People

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class SignedRequests:
    """Remembers accepted attempts in the ledger table for as long as their signed time is tolerated."""

    def __init__(
        self, client: DynamoDBClient, table: str, people: People, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._wall_clock = wall_clock

    def was_accepted(self, form_id: str, attempt_id: str) -> bool:
        """Whether this very attempt was accepted before.

        Raises:
            LedgerUnavailable, CredentialsMissing, SecretsUnavailable: it cannot be known.
        """
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=self._key(form_id, attempt_id), ConsistentRead=True
            )
        return "Item" in answer

    def remember(self, form_id: str, attempt_id: str, tolerance: float) -> None:
        """Remember an accepted attempt; its time is tolerated `tolerance` seconds to either side.

        Raises:
            LedgerUnavailable, CredentialsMissing, SecretsUnavailable: it is not remembered.
        """
        expiration = {"expiration": int(self._wall_clock() + 2 * tolerance)}
        with translated():
            self._client.put_item(TableName=self._table, Item={**self._key(form_id, attempt_id), **to_item(expiration)})

    def _key(self, form_id: str, attempt_id: str) -> dict[str, dict[str, str]]:
        return to_item({"id": f"replay#{form_id}#{self._people.hashed('attempt', attempt_id)}"})
