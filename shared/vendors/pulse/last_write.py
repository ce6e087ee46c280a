"""Our last write to a contact, remembered as digests: a search that does not show it yet lags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.vendors.flows import digest
from shared.vendors.matching import digits, fold
from shared.vendors.payload import Row, rows
from shared.vendors.protocol import Task

_ARRAYS = ("emails", "phones", "locations")
_UNRELIABLE = frozenset({"id", "country"})
"""Members that the vendor gives or spells itself."""


def remembered_write(body: Row, task: Task) -> Row:
    """Return what is remembered of a write: when it was made, and of each part its member names and a digest."""
    parts = [[name, [], _digest(value)] for name, value in body.items() if not isinstance(value, dict | list)]
    parts += [["customFields", *_part(body["customFields"])]] if "customFields" in body else []
    parts += [[name, *_part(entry)] for name in _ARRAYS for entry in body.get(name, [])]
    return {"written_at": task.now, "parts": [part for part in parts if part[0] not in ("source", "isTest")]}


def is_recent(details: Mapping[str, Any], task: Task) -> bool:
    """Whether our last write is so fresh that the search may not show it yet."""
    return bool(task.now < details.get("written_at", float("-inf")) + task.search_lag)


def shows_last_write(hit: Row, details: Mapping[str, Any]) -> bool:
    """Whether a found contact shows everything that our last write sent."""
    return all(_shows(hit, *part) for part in details.get("parts", []))


def _shows(hit: Row, name: str, members: Sequence[str], expected: str) -> bool:
    value = hit.get(name)
    if name in _ARRAYS:
        return any(_digest(_typed(entry, members)) == expected for entry in rows(value))
    if members:
        return isinstance(value, dict) and _digest(_typed(value, members)) == expected
    return _digest(value) == expected


def _part(entry: Row) -> tuple[list[str], str]:
    members = sorted(entry.keys() - _UNRELIABLE)
    return members, _digest(_typed(entry, members))


def _typed(entry: Row, members: Sequence[str]) -> list[Any]:
    return [digits(entry.get(name))[-10:] if name == "phone" else entry.get(name) for name in members]


def _digest(value: Any) -> str:
    return digest(fold(json.dumps(value, sort_keys=True)))
