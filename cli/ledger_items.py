"""Finds items of the ledger table by a scan: its keys serve deliveries, not searches for people."""

from __future__ import annotations

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr, ConditionBase

from cli.deployment import Deployment
from shared.aws.dynamodb import Change, ConditionFailed, Item, absent
from shared.ledger.leases import NEVER


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


def reduce_unleased(deployment: Deployment, item: Item, memory: str) -> bool:
    """Reduce an item to a vendor's memory, unless a delivery holds its lease. Returns whether it was done.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    rest = sorted(item.keys() - {"id", "memory", "expiration"})
    change = Change(set={"memory": memory, "expiration": NEVER}, remove=rest)
    try:
        deployment.table.update(str(item["id"]), change, _is_unleased(deployment))
    except ConditionFailed:
        return False
    return True


def delete_unleased(deployment: Deployment, item_id: str) -> bool:
    """Delete one item unless a delivery holds its lease and would write it again. Returns whether it was deleted.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    try:
        deployment.table.delete(item_id, _is_unleased(deployment))
    except ConditionFailed:
        return False
    return True


def _is_unleased(deployment: Deployment) -> ConditionBase:
    return absent("lease_until") | Attr("lease_until").lt(int(deployment.wall_clock() * 1000))
