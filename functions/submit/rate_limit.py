"""Rate limit per caller and form: a sliding window of two counters in the ledger.

The last window's count fades out linearly while the current one fills, which is exact enough and needs two small calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.submit.refusal import Refusal
from shared.dynamodb import ConditionFailed, from_item, to_item, translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


class RateLimit:
    """Counts sign-ups per caller and form."""

    def __init__(self, client: DynamoDBClient, table: str, wall_clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._wall_clock = wall_clock

    def check(self, limit: str, form_id: str, caller: str) -> None:
        """Count one sign-up of `caller`, a keyed hash.

        Args:
            limit: like `20/minute`, or `off`.
            form_id: the form.
            caller: who; unlinkable to an address without the deployment's key.

        Raises:
            Refusal: over the limit, with the seconds after which a try is worthwhile.
            LedgerUnavailable: DynamoDB failed.
        """
        if limit == "off":
            return
        allowed, _, unit = limit.partition("/")
        window = _SECONDS[unit]
        slot, into = divmod(self._wall_clock(), window)
        fading = self._count(form_id, caller, int(slot) - 1) * (1 - into / window)
        room = int(allowed) - fading
        if room < 1 or not self._add(form_id, caller, int(slot), window, room):
            raise Refusal("too-many-requests", retry_after=max(1.0, window - into))

    def _count(self, form_id: str, caller: str, slot: int) -> int:
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=_key(form_id, caller, slot))
        return int(from_item(answer.get("Item", {})).get("hits", 0))

    def _add(self, form_id: str, caller: str, slot: int, window: int, room: float) -> bool:
        try:
            with translated():
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(form_id, caller, slot),
                    UpdateExpression="SET expiration = :gone ADD hits :one",
                    ConditionExpression="attribute_not_exists(hits) OR hits <= :room",
                    ExpressionAttributeValues=to_item(
                        {":one": 1, ":room": int(room) - 1, ":gone": int((slot + 3) * window)}
                    ),
                )
        except ConditionFailed:
            return False
        return True


def _key(form_id: str, caller: str, slot: int) -> dict[str, dict[str, str]]:
    return to_item({"id": f"rate#{form_id}#{caller}#{slot}"})
