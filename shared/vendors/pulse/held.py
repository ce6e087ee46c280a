"""What a contact at Pulse holds already, for fields that are only filled."""

from __future__ import annotations

from collections.abc import Callable

from shared.vendors.matching import digits
from shared.vendors.payload import Row, drop_empty, is_empty, rows
from shared.vendors.pulse.contact import PulseContact
from shared.vendors.pulse.entries import is_same_entry
from shared.vendors.pulse.options import PERSON, PLACE

_ADDRESS = frozenset(PLACE) - {"company"}


def with_whole_address(fill: frozenset[str]) -> frozenset[str]:
    """Return the fields to fill; an address is one of them as a whole: half of it beside half of another is none."""
    return fill | _ADDRESS if fill & _ADDRESS else fill


def held_by(hit: Row, contact: PulseContact) -> Callable[[str], bool]:
    """Return whether a contact as the search shows it holds a value in a field.

    The phone that the sign-up names does not count: it stays, and takes its consent.
    """
    phones = [row for row in rows(hit.get("phones")) if digits(row.get("phone"))]

    def holds(name: str) -> bool:
        if name == "phone":
            return bool(phones) and not any(is_same_entry(row, {"phone": contact.phone}) for row in phones)
        if name in PLACE:
            members = [PLACE[part] for part in (_ADDRESS if name in _ADDRESS else {name})]
            return any(
                drop_empty({member: row.get(member) for member in members}) for row in rows(hit.get("locations"))
            )
        if name in PERSON:
            return not is_empty(hit.get(PERSON[name]))
        custom = hit.get("customFields")
        # In a shape that is not known, anything may be held.
        return not is_empty(custom.get(name.removeprefix("custom.")) if isinstance(custom, dict) else custom)

    return holds
