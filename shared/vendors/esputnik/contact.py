"""A contact in eSputnik's words, by eSputnik's rules: made from a sign-up, merged into what the vendor holds.

Sources: [seed] "API Methods for Adding Contacts"; [CONTACT] yespo.io/api/el_ns0_contactUpdate.html; [WOO] the vendor's
own connector Yespo-CDP/yespo-woocommerce; [EXTID] docs.esputnik.com/docs/external-id-for-creating-and-updating-users;
[YII] another's client, dicrtarasov/yii2-esputnik.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeVar

from shared.contact import Contact
from shared.errors import Refused
from shared.vendors.esputnik.options import SENT
from shared.vendors.matching import digits, same_email
from shared.vendors.payload import Row, as_row, as_text, drop_empty, is_empty, rows, unplaced
from shared.vendors.protocol import DeliveryRequest

R = TypeVar("R")

_NAME = re.compile(r"[^~!@#$%^&*()_=+\[{\]}\\|;:,<>/?\"]{2,40}")


def _is_name(text: str) -> bool:
    """Whether the vendor's own check accepts a name [WOO]: length, no symbols, few digits, no hyphen at an end."""
    number = len(digits(text))
    return bool(
        _NAME.fullmatch(text) and number <= 3 and number < len(text) and text[0] not in "-'" and text[-1] not in "-'"
    )


def _left_out(contact: Contact) -> tuple[str, ...]:
    """Name the attributes that the vendor would refuse."""
    rules: dict[str, Callable[[str], object]] = {
        "first_name": _is_name,
        "last_name": _is_name,
        "language": re.compile(r"[A-Za-z]{2}(?![A-Za-z])").match,  # of which two are sent [WOO]
        "time_zone": re.compile(r"[A-Za-z]+([/_+-]?[A-Za-z0-9]+)*").fullmatch,  # a name of the TZ database [CONTACT]
    }
    given = contact.present
    return tuple(name for name, holds in rules.items() if name in given and not holds(given[name]))


def contact_body(request: DeliveryRequest, channels: list[Row]) -> tuple[Row, tuple[str, ...]]:
    """Return the vendor's contact object [CONTACT] and what was left out: a bad part is omitted, never blanked.

    Never in it: `externalCustomerId`, which outranks the e-mail address and would seize another's profile [EXTID];
    `groups`, which is read-only there [YII]; the country, which no page knows.
    """
    left_out = _left_out(request.contact)
    contact = request.contact.without(frozenset(left_out))
    street = ", ".join(filter(None, (contact.address_line1, contact.address_line2)))
    place = {"region": contact.state, "town": contact.city, "address": street, "postcode": contact.postal_code}
    body = {
        "channels": channels,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "address": drop_empty(place),
        "fields": [{"id": key, "value": as_text(value)} for key, value in sorted(request.custom.items())],
        "languageCode": (contact.language or "")[:2].lower(),  # two letters [WOO]
        "timeZone": contact.time_zone,
    }
    return drop_empty(body), (*left_out, *unplaced(request.contact, SENT))


def without_postcode(contact: Row) -> Row | None:
    """Return the contact without a postal code that an older rule refuses: 1 to 999999 [YII]. None: it has none."""
    place = contact.get("address", {})
    if re.fullmatch(r"[1-9]\d{0,5}", place.get("postcode", "1")):
        return None
    return drop_empty({**contact, "address": {name: text for name, text in place.items() if name != "postcode"}})


def send_contact(contact: Row, send: Callable[[Row], R], left_out: list[str]) -> R:
    """Send a contact; on 400 once more, without the postal code that an older rule may refuse [YII]."""
    try:
        return send(contact)
    except Refused as error:
        plain = without_postcode(contact)
        if error.status != 400 or plain is None:
            raise
    left_out.append("postal_code")
    return send(plain)


def is_channel(row: Row, channel: Row) -> bool:
    """Whether a channel that the vendor holds is this one: case of an address and spelling of a number do not count."""
    if row.get("type") != channel["type"]:
        return False
    if channel["type"] == "email":
        return same_email(row.get("value"), channel["value"])
    return digits(row.get("value")) == str(channel["value"])


def has_channel(contact: Row, channel: Row) -> bool:
    """Whether a contact as read has this channel."""
    return any(is_channel(row, channel) for row in rows(contact.get("channels") or []))


def spelled_plainly(contact: Row) -> str:
    """Return a contact as text in which spelling does not count: case, padding, a number in quotes."""
    return re.sub(r"[\s\"]", "", json.dumps(contact, sort_keys=True)).casefold()


_MEMBERS = {"first_name": "firstName", "last_name": "lastName", "language": "languageCode", "time_zone": "timeZone"}
_PLACE = {"state": "region", "city": "town", "address_line1": "address", "postal_code": "postcode"}
_CHANNELS = {"email": "email", "phone": "sms"}


def held_by(contact: Row, wanted: Row) -> Callable[[str], bool]:
    """Return whether a contact as read holds a value in one of the vendor's fields, by `Options.target_field`.

    A channel that is the wanted one does not count: there is nothing to leave out.
    """
    place, channels = as_row(contact.get("address")), rows(contact.get("channels"))
    fields = {f"custom.{row.get('id')}": row.get("value") for row in rows(contact.get("fields"))}

    def holds(name: str) -> bool:
        if name in _CHANNELS:
            ours = [channel for channel in wanted["channels"] if channel["type"] == _CHANNELS[name]]
            held = any(row.get("type") == _CHANNELS[name] and not is_empty(row.get("value")) for row in channels)
            return held and not any(has_channel(contact, channel) for channel in ours)
        if name in _PLACE:
            return not is_empty(place.get(_PLACE[name]))
        return not is_empty(contact.get(_MEMBERS[name]) if name in _MEMBERS else fields.get(name))

    return holds


_KEPT = (
    "firstName",
    "lastName",
    "channels",
    "address",
    "fields",
    "addressBookId",
    "contactKey",
    "externalCustomerId",
    "languageCode",
    "timeZone",
)
"""The writable members of a contact [CONTACT]; a PUT that replaces would blank those that it does not repeat."""


def merged(held: Row, wanted: Row) -> tuple[Row, tuple[str, ...]]:
    """Return the contact as read with `wanted` merged in, right for a PUT that merges and for one that replaces."""
    contact = drop_empty({name: held.get(name) for name in _KEPT})
    channels, left_out = rows(contact.get("channels")), []
    for channel in wanted.get("channels", []):
        if any(is_channel(row, channel) for row in channels):
            continue
        if sum(row.get("type") == channel["type"] for row in channels) >= 2:  # "at most two" [CONTACT]
            left_out.append("email" if channel["type"] == "email" else "phone")
        else:
            channels.append(channel)
    fields = {int(row["id"]): row.get("value") for row in rows(contact.get("fields")) if str(row.get("id")).isdecimal()}
    fields |= {row["id"]: row["value"] for row in wanted.get("fields", [])}
    parts = {
        "channels": channels,
        "address": {**drop_empty(as_row(contact.get("address"))), **wanted.get("address", {})},
        "fields": [{"id": number, "value": value} for number, value in sorted(fields.items()) if value is not None],
    }
    return drop_empty({**contact, **wanted, **parts}), tuple(left_out)
