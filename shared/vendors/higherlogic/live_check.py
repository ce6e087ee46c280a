"""Higher Logic: its API has no call that reads, so `relay check --live` can only say what it cannot try."""

from __future__ import annotations

from shared.vendors.live_check import CheckedDestination, Findings

NO_CALL = "the API has no call that reads"


def check(destination: CheckedDestination, found: Findings) -> None:
    """List what is untried."""
    for name in ("lists", "groups", "constants"):
        if getattr(destination.options, name):
            found.untried(name, NO_CALL)
    if destination.custom_fields:
        found.untried("custom_fields", NO_CALL)
