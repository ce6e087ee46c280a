"""Comparing what a vendor's search returned with what was looked for: searches are fuzzy, people are not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.errors import Ambiguous
from shared.telemetry import count, logger
from shared.vendors.payload import Row


def same_email(one: object, other: object) -> bool:
    """Whether two texts are the same e-mail address: padding and case do not count."""
    return isinstance(one, str) and isinstance(other, str) and one.strip().casefold() == other.strip().casefold()


def digits(phone: object) -> str:
    """Return the digits of a phone number."""
    return re.sub(r"\D", "", phone) if isinstance(phone, str) else ""


def the_one(vendor: str, exact: Sequence[Row], known_id: str | None) -> Row:
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
