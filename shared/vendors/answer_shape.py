"""The shape of a vendor's answer: the names of its members and their types, and never a value."""

from __future__ import annotations

import re
from typing import Any

_MEMBER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,49}")
"""A name that is a member's. Any other may be a value, such as an e-mail address that contacts are filed under."""
_MOST_MEMBERS = 60
_DEEPEST = 6


def shape_of(value: Any, depth: int = 0) -> str:
    """Return a shape in one line, e.g. `{total: number, items: [{id: number, name: text}]}`."""
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return f"{{{', '.join(_members(value, depth))}}}"
    if isinstance(value, list):
        return f"[{' or '.join(_kinds(value, depth))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true/false"
    return "number" if isinstance(value, int | float) else "text"


def _members(row: dict[str, Any], depth: int) -> list[str]:
    shapes = [f"{_name(name)}: {shape_of(value, depth + 1)}" for name, value in row.items()]
    distinct = list(dict.fromkeys(shapes))
    return [*distinct[:_MOST_MEMBERS], *(["…"] if len(distinct) > _MOST_MEMBERS else [])]


def _kinds(entries: list[Any], depth: int) -> list[str]:
    """Return the shapes of a list's entries: objects as one that has the members of all."""
    whole: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry, dict):
            whole |= {name: value for name, value in entry.items() if whole.get(name) in (None, [], {})}
    others = [shape_of(entry, depth + 1) for entry in entries if not isinstance(entry, dict)]
    return [*([shape_of(whole, depth + 1)] if whole else []), *dict.fromkeys(others)]


def _name(name: str) -> str:
    return name if _MEMBER.fullmatch(name) else "…"
