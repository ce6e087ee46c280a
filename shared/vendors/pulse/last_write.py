"""Our last write to a contact, remembered as digests: a search that does not show it yet lags."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.vendors.flows import digest
from shared.vendors.matching import digits, fold
from shared.vendors.payload import Row, rows
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.pulse.memory import PulseMemory

Part = tuple[str, tuple[str, ...], str]

_ARRAYS = ("emails", "phones", "locations")
_UNRELIABLE = frozenset({"id", "country"})
"""Members that the vendor gives or spells itself."""


def remembered_write(memory: PulseMemory, body: Row, request: DeliveryRequest) -> PulseMemory:
    """Return `memory` with a write in it: when it was made, and of each part its member names and a digest."""
    parts: list[Part] = [
        (name, (), _digest(value)) for name, value in body.items() if not isinstance(value, dict | list)
    ]
    parts += [("customFields", *_part(body["customFields"]))] if "customFields" in body else []
    parts += [(name, *_part(entry)) for name in _ARRAYS for entry in body.get(name, [])]
    # An earlier write that the search may not show yet is not forgotten for this one.
    earlier = [part for part in memory.parts if is_recent(memory, request) and (part[1] or part[0] not in body)]
    kept = tuple(dict.fromkeys(part for part in (*earlier, *parts) if part[0] not in ("source", "isTest")))
    return memory.model_copy(update={"written_at": request.now, "parts": kept})


def is_recent(memory: PulseMemory, request: DeliveryRequest) -> bool:
    """Whether our last write is so fresh that the search may not show it yet."""
    return memory.written_at is not None and request.now < memory.written_at + request.search_lag


def shows_last_write(hit: Row, memory: PulseMemory) -> bool:
    """Whether a found contact is as our last write left it."""
    return all(_shows(hit, *part) for part in memory.parts)


def _shows(hit: Row, name: str, members: Sequence[str], expected: str) -> bool:
    value = hit.get(name)
    if name in _ARRAYS:
        return any(_digest(_typed(entry, members)) == expected for entry in rows(value))
    if members:
        return isinstance(value, dict) and _digest(_typed(value, members)) == expected
    return _digest(value) == expected


def _part(entry: Row) -> tuple[tuple[str, ...], str]:
    members = tuple(sorted(entry.keys() - _UNRELIABLE))
    return members, _digest(_typed(entry, members))


def _typed(entry: Row, members: Sequence[str]) -> list[Any]:
    return [digits(entry.get(name))[-10:] if name == "phone" else entry.get(name) for name in members]


def _digest(value: Any) -> str:
    return digest(fold(json.dumps(value, sort_keys=True)))
