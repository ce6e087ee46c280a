"""Quarantine: suspected spam is kept for 30 days, answered like success, delivered only when a person releases it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from functions.submit.intake import Circumstances
from shared.dynamodb import to_item, translated
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_SECONDS = 30 * 86_400


class Quarantine:
    """Stores what was submitted, in the ledger table; it is personal data and expires by TTL."""

    def __init__(self, client: DynamoDBClient, table: str, wall_clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._wall_clock = wall_clock

    def keep(
        self,
        form_id: str,
        reason: str,
        values: Mapping[str, Any],
        circumstances: Circumstances,
        people: set[str],
    ) -> None:
        """Store one suspected sign-up.

        Args:
            form_id: the form.
            reason: why it is suspected, e.g. `honeypot`.
            values: what was submitted, by field name; only fields that the form defines.
            circumstances: when, where and by whom.
            people: hashes of the e-mail and phone in it, by which an erasure finds it.

        Raises:
            LedgerUnavailable: DynamoDB failed; nothing is kept.
        """
        item = {
            "id": f"quarantine#{circumstances.submission_id}",
            "form": form_id,
            "reason": reason,
            "submitted": json.dumps(values),
            "received_at": circumstances.received_at,
            "page": circumstances.page or "",
            "caller": circumstances.caller or "",
            "expiration": int(self._wall_clock()) + KEPT_SECONDS,
            **({"people": people} if people else {}),
        }
        with translated():
            self._client.put_item(TableName=self._table, Item=to_item(item))
        logger.warning("quarantined", form=form_id, reason=reason, submission_id=circumstances.submission_id)
        count("Quarantined", form=form_id)
