"""Finds items of the ledger table by a scan: its keys serve deliveries, not searches for people."""

from __future__ import annotations

from collections.abc import Iterator

from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import STATUS_CONSTANTS
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


def reduce_free(deployment: Deployment, item: Item, memory: str) -> bool:
    """Reduce an item to a vendor's memory, unless it is in use. Returns whether it was done.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    rest = sorted(item.keys() - {"id", "memory", "expiration"})
    change = Change(set={"memory": memory, "expiration": NEVER}, remove=rest)
    try:
        deployment.table.update(str(item["id"]), change, _is_free(deployment))
    except ConditionFailed:
        return False
    return True


def delete_free(deployment: Deployment, item_id: str) -> bool:
    """Delete one item unless it is in use, and who uses it would write it again. Returns whether it was deleted.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    try:
        deployment.table.delete(item_id, _is_free(deployment))
    except ConditionFailed:
        return False
    return True


def _is_free(deployment: Deployment) -> ConditionBase:
    """Return the condition that no delivery holds the item's lease, and no sign-up is under way for its answer."""
    now_ms = int(deployment.wall_clock() * 1000)
    unleased = absent("lease_until") | Attr("lease_until").lt(now_ms)
    over = absent("in_progress_expiration") | Attr("in_progress_expiration").lt(now_ms)
    return unleased & (over | Attr("status").ne(STATUS_CONSTANTS["INPROGRESS"]))
