"""The JSON that goes to vendors and comes from them, as shapes that are safe to rely on whatever a vendor answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
"""One JSON object in a vendor's own words."""


def present(values: Row) -> Row:
    """Return `values` without those that say nothing: no vendor is ever sent null or an empty text."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def as_text(value: object) -> str:
    """Return a value as the text that a vendor takes for it; truth is spelled as in JSON."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def row_of(body: Any) -> Row:
    """Return the object that was answered, or an empty one."""
    return body if isinstance(body, dict) else {}


def rows(body: Any, *wrappers: str) -> list[Row]:
    """Return the objects of a list answer, bare or under one of `wrappers`."""
    if isinstance(body, dict):
        body = next((body[name] for name in wrappers if isinstance(body.get(name), list)), [])
    return [each for each in body if isinstance(each, dict)] if isinstance(body, Iterable) else []
