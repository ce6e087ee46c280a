"""Consent receipts, kept: the proof that a person granted a channel outlives the sign-up and its delivery.

One sealed item per submission, found by the people's hashes for an erasure; it holds no name and no address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.aws.dynamodb import Item, Table
from shared.ledger.person_hashing import PersonHasher
from shared.submission import Submission

PREFIX = "consent#"
UNSEALED = frozenset({"seal", "kept_until"})
"""Keys of an exported receipt that its seal does not cover."""


class Consents:
    """Writes receipts into the ledger table; the same receipt written again is the same item."""

    def __init__(self, table: Table, hasher: PersonHasher, kept_days: int) -> None:
        self._table = table
        self._hasher = hasher
        self._kept_seconds = kept_days * 86_400

    def keep(self, submission: Submission) -> None:
        """Store the receipt of a submission; one that grants nothing has none.

        Raises:
            LedgerUnavailable: DynamoDB failed, or the key that hashes people could not be read.
        """
        if submission.receipt is None:
            return
        people = self._hasher.of_contact(submission.contact)
        receipt = {
            "submission_id": submission.id,
            "form": submission.form,
            **submission.receipt.model_dump(exclude_none=True, by_alias=True),
            "people": sorted(people),
            **({"flags": list(submission.flags)} if submission.flags else {}),
        }
        item = {
            "id": f"{PREFIX}{submission.id}",
            "receipt": json.dumps({**receipt, "seal": seal(self._hasher, receipt)}),
            "form": submission.form,
            "given_at": submission.received_at,
            "expiration": submission.received_at // 1000 + self._kept_seconds,
        }
        self._table.put({**item, **({"people": people} if people else {})})


def receipt_in(item: Item) -> dict[str, Any]:
    """Return the sealed receipt that an item holds."""
    receipt: dict[str, Any] = json.loads(item["receipt"])
    return receipt


def seal(hasher: PersonHasher, receipt: Mapping[str, Any]) -> str:
    """Return the seal of a receipt: a keyed hash over every key but those of `UNSEALED`."""
    sealed = {name: value for name, value in receipt.items() if name not in UNSEALED}
    return hasher.seal("receipt", json.dumps(sealed, sort_keys=True, ensure_ascii=True))
