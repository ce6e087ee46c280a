"""The JSON that goes to vendors and comes from them, read so that no answer of a vendor breaks the reader."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from shared.contact import Contact, Value

Row = dict[str, Any]
"""One JSON object in a vendor's own words."""


def is_empty(value: Any) -> bool:
    """Whether a value says nothing; `0` and `False` say something."""
    return value in (None, "", [], {})


def drop_empty(values: Row) -> Row:
    """Return `values` without those that say nothing: no vendor is ever sent null or an empty text."""
    return {name: value for name, value in values.items() if not is_empty(value)}


def as_number(value: Value) -> Value:
    """Return a value with an integral number as an integer: a vendor's list holds `5`, not `5.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_text(value: Value) -> str:
    """Return a value as the text that a vendor takes for it: `true`, `5`, `0.5`, never `True`, `5.0` or `5e-07`."""
    if isinstance(value, bool):
        return str(value).lower()
    value = as_number(value)
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def unplaced(contact: Contact, places: Collection[str]) -> list[str]:
    """Return the attributes of a contact for which a vendor has no place."""
    return [name for name in contact.present if name not in places]


def as_row(body: Any) -> Row:
    """Return the object that was answered, or an empty one."""
    return body if isinstance(body, dict) else {}


def rows_only(found: Any) -> list[Row] | None:
    """Return the objects of a list; None where it is no list, or holds anything else: it is not understood then."""
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None


def rows(body: Any, *wrappers: str) -> list[Row]:
    """Return the objects of a list answer, bare or under one of `wrappers`."""
    if isinstance(body, dict):
        body = next((body[name] for name in wrappers if isinstance(body.get(name), list)), [])
    return [each for each in body if isinstance(each, dict)] if isinstance(body, list | tuple) else []
