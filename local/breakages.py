"""What can go wrong at a vendor, as buttons for its twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.twins.faults import Fault

_WRITES = "POST|PUT|PATCH|DELETE"
_NO_SEARCH = "^(?!.*search)"


@dataclass(frozen=True)
class Breakage:
    """One fault of the vendor's next write: what the button says, what it does, and what the relay should do."""

    button: str
    effect: str
    fault: Fault


BREAKAGES: Mapping[str, Breakage] = {
    "slow": Breakage(
        "Slow answer",
        "The next write is answered after 2 s.",
        Fault("latency", _WRITES, _NO_SEARCH, seconds=2),
    ),
    "slow-commit": Breakage(
        "Slow commit",
        "The next write is made after 7 s, when nobody waits for it any more.",
        Fault("hang", _WRITES, _NO_SEARCH, seconds=7, commit="after"),
    ),
    "429": Breakage(
        "429",
        "The next write is refused: too many requests, try again in 10 s.",
        Fault("status", _WRITES, _NO_SEARCH, status=429, retry_after=10),
    ),
    "drop-before": Breakage(
        "Drop before commit",
        "The connection of the next write is cut before the write is made.",
        Fault("drop_before", _WRITES, _NO_SEARCH),
    ),
    "drop-after": Breakage(
        "Drop after commit",
        "The next write is made, and its connection cut before the answer.",
        Fault("drop_after", _WRITES, _NO_SEARCH),
    ),
    "failure-in-200": Breakage(
        "Failure inside 200",
        "The next write is answered with 200 and a body that says it failed.",
        Fault(
            "status", _WRITES, _NO_SEARCH, status=200, body={"success": False, "message": "The contact was not saved"}
        ),
    ),
}
"""Name in the button's address → what it does."""
