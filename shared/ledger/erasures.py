"""Erasures: what a person had sent before asking to be forgotten is not delivered any more, wherever it still waits.

A message that is delayed or in hand cannot be looked for in its queue, so an erasure leaves a mark, and the retry side
drops what the mark covers. A mark is a keyed hash and a time; it outlives every message there can be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from shared.aws.dynamodb import from_item, to_item, translated
from shared.ledger.person_hashing import People
from shared.submission import Submission

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "erased#"
KEPT_SECONDS = 30 * 86_400
"""A message lives for 10 days in the retry queue and for 14 in the dead-letter queue, see `template.yaml`."""


class Erasures:
    """Reads and writes marks in the ledger table."""

    def __init__(
        self, client: DynamoDBClient, table: str, people: People, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table
        self._people = people
        self._wall_clock = wall_clock

    def mark(self, people: Iterable[str]) -> None:
        """Record that people, by their hashes, are to be forgotten as of now.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        now = self._wall_clock()
        for hashed in people:
            item = {"id": PREFIX + hashed, "erased_at": int(now * 1000), "expiration": int(now) + KEPT_SECONDS}
            with translated():
                self._client.put_item(TableName=self._table, Item=to_item(item))

    def cover(self, submission: Submission) -> bool:
        """Whether this sign-up was made before its person asked to be forgotten.

        Raises:
            LedgerUnavailable: DynamoDB failed.
            CredentialsMissing, SecretsUnavailable: the key that hashes people could not be read.
        """
        hashes = self._people.of_contact(submission.contact)
        return any(self._erased_at(hashed) >= submission.received_at for hashed in hashes)

    def _erased_at(self, hashed: str) -> int:
        """Return when, milliseconds since the epoch; 0 for never."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=to_item({"id": PREFIX + hashed}), ConsistentRead=True
            )
        return int(from_item(answer.get("Item", {})).get("erased_at", 0))
