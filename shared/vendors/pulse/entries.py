"""The entries of a contact's arrays: e-mails, phones and locations, as they are held and with one sign-up merged in.

An array is sent whole or not at all, with the flags as they were read: right whether `PUT` replaces it or merges it.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.contact import Channel
from shared.vendors.matching import digits, fold, same_email
from shared.vendors.payload import Row, drop_empty, rows
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.pulse.contact import PulseContact, granted
from shared.vendors.pulse.options import PLACE

_MEMBERS = {
    "emails": ("id", "emailAddress", "isSubscribed"),
    "phones": ("id", "phone", "isPhoneSubscribed", "isSmsSubscribed", "isFax"),
    "locations": ("id", *PLACE.values()),
}
"""What is sent of an entry [seed]."""
_FLAGS = {"isSubscribed": "consent.email", "isPhoneSubscribed": "consent.call", "isSmsSubscribed": "consent.sms"}
_PARTS = {"phone": "phone", **_FLAGS, **{theirs: ours for ours, theirs in PLACE.items()}}
"""Member of an entry → our name for it. The address is missing: it is what the contact was found by."""


def supplied_entries(contact: PulseContact, request: DeliveryRequest) -> dict[str, Row]:
    """Return the entry of each array that a sign-up supplies; consent flags only where consent was given."""
    channels: frozenset[Channel] = request.channels
    # `isPhoneSubscribed` is calls, `isSmsSubscribed` is texts [seed].
    calls = {**granted("isPhoneSubscribed", "call" in channels), **granted("isSmsSubscribed", "sms" in channels)}
    entries = {
        "emails": {"emailAddress": contact.email, **granted("isSubscribed", "email" in channels)},
        "phones": {"phone": contact.phone, **calls} if contact.phone else {},
        "locations": contact.place,
    }
    return {name: entry for name, entry in entries.items() if entry}


def parts_of(entry: Row) -> list[str]:
    """Return what is lost with an entry that cannot be sent, by our names."""
    return [_PARTS[name] for name in entry if name in _PARTS]


def held_entries(hit: Row, name: str) -> list[Row] | None:
    """Return a held array for sending; None without every id: an entry without one would be added again [seed]."""
    if hit.get(name, ...) is None:
        return []  # shown as null: there are none
    if not isinstance(hit.get(name), list):
        return None
    held = [drop_empty({member: entry.get(member) for member in _MEMBERS[name]}) for entry in rows(hit[name])]
    return held if all("id" in entry for entry in held) else None


def with_entry(held: list[Row], entry: Row) -> list[Row] | None:
    """Return the array with `entry` merged in; None for the consent of an e-mail that is not among the held ones.

    Without its record id Pulse may add that e-mail a second time [seed].
    """
    index = next((i for i, row in enumerate(held) if is_same_entry(row, entry)), None)
    if index is not None:
        return [_merged(row, entry) if i == index else row for i, row in enumerate(held)]
    if "emailAddress" in entry:
        return None if len(entry) > 1 else held
    return [*held, entry]


def _merged(row: Row, entry: Row) -> Row:
    """A held member keeps its spelling; only a granted flag is changed."""
    return {**entry, **row, **{name: value for name, value in entry.items() if name in _FLAGS}}


def is_same_entry(row: Row, entry: Row) -> bool:
    """Whether a held entry is the one that a sign-up supplies, spelled alike or not."""
    if "emailAddress" in entry:
        return same_email(row.get("emailAddress"), entry["emailAddress"])
    if "phone" in entry:
        return digits(row.get("phone"))[-10:] == digits(entry["phone"])[-10:]
    ours, theirs = _place(entry), _place(row)
    return bool(ours and theirs) and (ours.items() <= theirs.items() or theirs.items() <= ours.items())


def _place(location: Mapping[str, object]) -> dict[str, str]:
    """Return a location as it is compared: without case, and without the country, which the vendor may respell."""
    names = set(PLACE.values()) - {"country"}
    return {name: fold(value) for name, value in location.items() if name in names and isinstance(value, str)}
