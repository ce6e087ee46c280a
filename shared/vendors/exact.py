"""Comparing what a vendor's search returned with what was looked for: searches are fuzzy, people are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from shared.errors import Ambiguous
from shared.telemetry import count, logger


def same_email(one: object, other: object) -> bool:
    """Whether two texts are the same e-mail address: padding and case do not count."""
    return isinstance(one, str) and isinstance(other, str) and one.strip().casefold() == other.strip().casefold()


def digits(phone: object) -> str:
    """Return the digits of a phone number."""
    return re.sub(r"\D", "", phone) if isinstance(phone, str) else ""


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` without those that say nothing: no vendor is ever sent null or an empty text."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def rows(body: Any, *wrappers: str) -> list[dict[str, Any]]:
    """Return the objects of a list answer, bare or under one of `wrappers`."""
    if isinstance(body, dict):
        body = next((body[name] for name in wrappers if isinstance(body.get(name), list)), [])
    return [row for row in body if isinstance(row, dict)] if isinstance(body, Iterable) else []


def the_one(vendor: str, exact: Sequence[dict[str, Any]], known_id: str | None) -> dict[str, Any]:
    """Return one of several exact matches, the same every time: the remembered one, else the oldest.

    Raises:
        Ambiguous: a match has no id.
    """
    if any(contact.get("id") is None for contact in exact):
        raise Ambiguous(vendor, "find contact", detail="a match without an id")
    if len(exact) > 1:
        logger.warning("several contacts for one person", vendor=vendor, contacts=len(exact))
        count("DuplicateAtVendor", vendor=vendor)
    return min(exact, key=lambda contact: (str(contact["id"]) != known_id, _age(str(contact["id"]))))


def _age(contact_id: str) -> tuple[int, str]:
    """Order ids, oldest first, whether they are numbers or texts."""
    return (int(contact_id) if contact_id.isdigit() else 0, contact_id)
