"""What the idempotency record of a sign-up keeps for `relay trace`: how each delivery had ended when it was answered.

The record is written in any case, so this costs no call. No public answer holds it: it names vendors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared.aws.dynamodb import Item

DESTINATIONS = "destinations"

Told = tuple[str, str | None]
"""A delivery's outcome when the visitor was answered: its kind, and why."""


def destinations_in(record: Item) -> dict[str, Told]:
    """Return how the deliveries had ended when a sign-up was answered, or released; nothing where no record says it."""
    answer: Mapping[str, Any] = json.loads(record.get("data") or "{}")
    return {name: (kind, reason) for name, (kind, reason) in answer.get(DESTINATIONS, {}).items()}
