"""Finds items of the ledger table by a scan: its keys serve deliveries, not searches for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.deployment import Deployment
from shared.aws.dynamodb import ConditionFailed, from_item, to_item, translated

Item = dict[str, Any]


def scan(deployment: Deployment, condition: str, **values: Any) -> Iterator[Item]:
    """Return every item that matches a filter expression, page by page.

    Args:
        deployment: the relay whose table is read.
        condition: a DynamoDB filter expression.
        values: the values of its `:placeholders`.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    pages = deployment.dynamodb.get_paginator("scan").paginate(
        TableName=deployment.table,
        ConsistentRead=True,
        FilterExpression=condition,
        ExpressionAttributeValues=to_item({f":{name}": value for name, value in values.items()}),
    )
    with translated():
        for page in pages:
            yield from map(from_item, page["Items"])


def scan_prefix(deployment: Deployment, prefix: str) -> Iterator[Item]:
    """Return every unexpired item whose id starts with `prefix`; DynamoDB deletes expired ones days later."""
    now = deployment.wall_clock()
    for item in scan(deployment, "begins_with(id, :prefix)", prefix=prefix):
        if item.get("expiration", now + 1) > now:
            yield item


def read(deployment: Deployment, item_id: str) -> Item | None:
    """Return one item, or None when there is none or it has expired.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    with translated():
        answer = deployment.dynamodb.get_item(
            TableName=deployment.table, Key=to_item({"id": item_id}), ConsistentRead=True
        )
    item = from_item(answer.get("Item", {}))
    return item if item and item.get("expiration", float("inf")) > deployment.wall_clock() else None


def delete(deployment: Deployment, item_id: str) -> None:
    """Delete one item.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    with translated():
        deployment.dynamodb.delete_item(TableName=deployment.table, Key=to_item({"id": item_id}))


def delete_unleased(deployment: Deployment, item_id: str) -> bool:
    """Delete one item unless a delivery holds its lease and would write it again. Returns whether it was deleted.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    try:
        with translated():
            deployment.dynamodb.delete_item(
                TableName=deployment.table,
                Key=to_item({"id": item_id}),
                ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now",
                ExpressionAttributeValues=to_item({":now": int(deployment.wall_clock() * 1000)}),
            )
    except ConditionFailed:
        return False
    return True
