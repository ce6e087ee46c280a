"""Stamps in the items of people: which sign-ups an item was written by, or is being written by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.aws.dynamodb import Item


def stamps(item: Item) -> list[str]:
    """Return the stamps `<received at>#<submission id>` of an item."""
    lease: dict[str, Any] = item.get("lease") or {}
    written = [*item.get("forms", {}).values(), *item.get("fields", {}).values()]
    doubted = [write["stamp"] for write in item.get("unconfirmed", ())]
    return [stamp for stamp in (*written, *doubted, lease.get("stamp")) if stamp]


def id_of(stamp: str) -> str:
    """Return the sign-up that a stamp is of."""
    return stamp.partition("#")[2]


def time_of(stamp: str) -> int:
    """Return when that sign-up was sent, milliseconds since the epoch."""
    return int(stamp.partition("#")[0])


def stamped_ids(item: Item) -> Iterator[str]:
    """Return the sign-ups that an item bears stamps of."""
    return map(id_of, stamps(item))
