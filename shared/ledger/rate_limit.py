"""Rate limits: a sliding window of two counters in the ledger, shared by all environments.

The last window's count fades out linearly while the current one fills, which is exact enough and needs two small calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.aws.dynamodb import ConditionFailed, from_item, to_item, translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


class RateLimit:
    """Counts what is done under a key."""

    def __init__(self, client: DynamoDBClient, table: str, wall_clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._wall_clock = wall_clock

    def take(self, limit: str, key: str) -> float:
        """Count one under `key`, if there is room for it.

        Args:
            limit: like `20/minute`, or `off`.
            key: what is limited; no personal data.

        Returns:
            0 where it was counted, else the seconds after which a try is worthwhile.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        if limit == "off":
            return 0.0
        allowed, _, unit = limit.partition("/")
        window = _SECONDS[unit]
        slot, into = divmod(self._wall_clock(), window)
        room = int(allowed) - self._count(key, int(slot) - 1) * (1 - into / window)
        if room >= 1 and self._add(key, int(slot), window, room):
            return 0.0
        return max(1.0, window - into)

    def _count(self, key: str, slot: int) -> int:
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=_item_key(key, slot))
        return int(from_item(answer.get("Item", {})).get("hits", 0))

    def _add(self, key: str, slot: int, window: int, room: float) -> bool:
        try:
            with translated():
                self._client.update_item(
                    TableName=self._table,
                    Key=_item_key(key, slot),
                    UpdateExpression="SET expiration = :gone ADD hits :one",
                    ConditionExpression="attribute_not_exists(hits) OR hits <= :room",
                    ExpressionAttributeValues=to_item(
                        {":one": 1, ":room": int(room) - 1, ":gone": int((slot + 3) * window)}
                    ),
                )
        except ConditionFailed:
            return False
        return True


def _item_key(key: str, slot: int) -> dict[str, dict[str, str]]:
    return to_item({"id": f"rate#{key}#{slot}"})
