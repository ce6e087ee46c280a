"""Finds items of the ledger table by a scan: its keys serve deliveries, not searches for people."""

from __future__ import annotations

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr

from cli.deployment import Deployment
from shared.aws.dynamodb import ConditionFailed, Item, absent


def scan_prefix(deployment: Deployment, prefix: str) -> Iterator[Item]:
    """Return every unexpired item whose id starts with `prefix`; DynamoDB deletes expired ones days later."""
    now = deployment.wall_clock()
    for item in deployment.table.scan(Attr("id").begins_with(prefix)):
        if item.get("expiration", now + 1) > now:
            yield item


def read(deployment: Deployment, item_id: str) -> Item | None:
    """Return one item, or None when there is none or it has expired.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    item = deployment.table.get(item_id)
    return item if item and item.get("expiration", float("inf")) > deployment.wall_clock() else None


def delete_unleased(deployment: Deployment, item_id: str) -> bool:
    """Delete one item unless a delivery holds its lease and would write it again. Returns whether it was deleted.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    now_ms = int(deployment.wall_clock() * 1000)
    try:
        deployment.table.delete(item_id, absent("lease_until") | Attr("lease_until").lt(now_ms))
    except ConditionFailed:
        return False
    return True
