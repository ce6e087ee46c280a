"""A contact as Pulse holds it: whose it is, what an update repeats of it, and whether it shows our own last write.

Source: [seed] api-docs.pulsehealth.tech overview. What it does not say is marked "assumed" where it is decided.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.vendors.flows import digest
from shared.vendors.matching import digits, same_email
from shared.vendors.payload import Row, present, rows
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.pulse.contact import PLACE
from shared.vendors.pulse.memory import PulseMemory

MEMBERS = {
    "emails": ("id", "emailAddress"),
    "phones": ("id", "phone", "isFax"),
    "locations": ("id", *PLACE.values()),
}
"""What is repeated of an entry [seed]. No consent flag is: the search may lag, and an echo would undo an opt-out."""


def last_write(body: Row, task: DeliveryRequest, email_id: int | str | None) -> PulseMemory:
    """Return what is remembered of a write, so that a search can be told to show it or not: no value, a digest."""
    names = sorted(body.keys() - {"source", "isTest"})
    return PulseMemory(email_id=email_id, written_at=task.now, written=tuple(names), digest=_digest_of(body, names))


def is_recent(memory: PulseMemory, task: DeliveryRequest) -> bool:
    """Whether our last write is so fresh that the search may not show it yet."""
    return task.now < memory.written_at + task.search_lag


def shows_last_write(hit: Row, memory: PulseMemory) -> bool:
    """Whether a found contact stands as our last write left it."""
    return _digest_of(hit, memory.written) == memory.digest


def _digest_of(record: Row, names: Sequence[str]) -> str:
    """Return a digest of the named members; of entries only what was typed counts, not ids and flags."""

    def typed(name: str) -> Any:
        value = record.get(name)
        if name not in MEMBERS:
            return value
        members = [member for member in MEMBERS[name] if member not in {"id", "isFax"}]
        return sorted(json.dumps([entry.get(member) for member in members]) for entry in rows(value))

    return digest(json.dumps({name: typed(name) for name in names}, sort_keys=True))


def echo(entries: Any, members: Sequence[str]) -> list[Row] | None:
    """Return a held array for repeating; None without every id: an entry without one would be added again [seed]."""
    held = [present({name: entry.get(name) for name in members}) for entry in rows(entries)]
    return held if isinstance(entries, list) and all("id" in entry for entry in held) else None


def with_entry(held: list[Row], entry: Row) -> list[Row] | None:
    """Return the array with `entry` merged in; None for the consent of an e-mail that is not among the held ones.

    Without its record id Pulse may add that e-mail a second time [seed].
    """
    index = next((i for i, row in enumerate(held) if _is_same(row, entry)), None)
    if index is not None:
        return [{**entry, **row} if i == index else row for i, row in enumerate(held)]
    if "emailAddress" in entry:
        return held if len(entry) == 1 else None
    return [*held, entry] if entry else held


def _is_same(row: Row, entry: Row) -> bool:
    if "emailAddress" in entry:
        return is_address(row, entry["emailAddress"])
    if "phone" in entry:
        return digits(row.get("phone"))[-10:] == digits(entry["phone"])[-10:]
    return bool(entry) and all(row.get(name) == value for name, value in entry.items())


def is_address(row: Row, email: str) -> bool:
    """Whether an entry of `emails` is this address."""
    return same_email(row.get("emailAddress"), email)


def has_email(hit: Row, email: str) -> bool:
    """Whether a found contact has this address, displayed or not."""
    return any(same_email(held, email) for held in emails_of(hit))


def emails_of(hit: Row) -> list[str]:
    """Return all addresses that a found contact shows, under every plausible name (assumed)."""
    own = [hit.get(name) for name in ("emailAddress", "email", "contact_display_email")]
    listed = [row.get("emailAddress") for row in rows(hit.get("emails"))]
    return [email for email in (*own, *listed) if isinstance(email, str) and email.strip()]
