"""eSputnik: what `relay check --live` can try: segments, custom fields, and how a contact looks.

Source: [OSSB] another's client, which shows the answer of the call that lists custom fields.
"""

from __future__ import annotations

import jmespath  # type: ignore[import-untyped]

from shared.conditions import names_of
from shared.errors import NotFound
from shared.vendors.answer_shape import shape_of
from shared.vendors.esputnik.bulk import ESputnikBulkClient
from shared.vendors.esputnik.search import PAGE_SIZE, segments_named
from shared.vendors.esputnik.subscribe import SubscribeOptions
from shared.vendors.live_check import CheckedDestination, Findings, listed
from shared.vendors.payload import Row, as_row, rows

FIELDS = jmespath.compile("addressBook.fieldGroups[].fields[]")  # [OSSB]
NOBODY = "signup-relay-check@example.com"


def check(destination: CheckedDestination, found: Findings) -> None:
    """Try the segments, the custom fields and the search."""
    client = ESputnikBulkClient(destination.http, destination.connection, destination.deadline)
    # A subscription names its segments and looks for nobody, but for what a lost answer left open.
    is_subscribe = isinstance(destination.options, SubscribeOptions)
    calls = found.helpful if is_subscribe else found.needed
    joinable = ("Static",) if is_subscribe else destination.options.joinable_segments
    for name in names_of(destination.options.groups):
        with calls("groups"):
            _check_segment(client, name, joinable, found)
    if destination.custom_fields:
        with found.helpful("custom_fields"):
            _check_custom_fields(client, destination, found)
    # No delivery searches for everybody, so that may be refused and deliveries be well.
    with found.helpful("search answer"):
        _check_contacts(client, found)
    with calls("search"):
        _check_search(client, found)
    if is_subscribe:
        found.untried("form_type", "no call tells whether a workflow waits for the event")
        if destination.options.subscriptions:
            found.untried("subscriptions", "no call lists the account's categories")


def _check_segment(client: ESputnikBulkClient, name: str, joinable: tuple[str, ...], found: Findings) -> None:
    kinds = {row.get("type", joinable[0]) for row in segments_named(client, name)}
    if not kinds:
        found.note("groups", f"there is no segment {name} yet: the first sign-up makes it; check the spelling")
    elif not kinds.isdisjoint(joinable):
        found.fits("groups", f"the account has the segment {name}")
    else:
        found.wrong("groups", f"{name} is a segment of type {listed(kinds)}, which takes no contacts from outside")


def _check_custom_fields(client: ESputnikBulkClient, destination: CheckedDestination, found: Findings) -> None:
    books = client.address_books()
    listed_fields = FIELDS.search(books)
    fields = {str(row["id"]): row for row in rows(listed_fields or []) if "id" in row}
    if not fields:
        unknown = f"the list of fields has a shape that is not known: {shape_of(books)}"
        found.untried(
            "custom_fields", "the account shows no field of its own" if isinstance(listed_fields, list) else unknown
        )
        return
    for number in map(str, destination.custom_fields):
        if number not in fields:
            known = [f"{each} {row.get('name') or ''}".rstrip() for each, row in fields.items()]
            found.wrong("custom_fields", f"the account has no field {number}; it has {listed(known)}")
        else:
            _check_field(number, as_row(fields[number].get("description")), destination, found)


def _check_field(number: str, description: Row, destination: CheckedDestination, found: Findings) -> None:
    """Compare one field with what the form can send it."""
    if description.get("readonly") is True:
        found.wrong("custom_fields", f"field {number} cannot be written")
        return
    allowed = as_row(description.get("allowedValues")).get("possibleValues")
    sent = destination.values.get(f"custom.{number}", ())
    unlisted = [value for value in sent if isinstance(allowed, list) and allowed and value not in allowed]
    if unlisted:
        found.wrong("custom_fields", f"field {number} does not allow {listed(unlisted)}")
    else:
        found.fits("custom_fields", f"the account has field {number}")


def _check_contacts(client: ESputnikBulkClient, found: Findings) -> None:
    """Look at one contact as it is found and as it is read."""
    hits = client.search_contacts(size=1)
    found.note("search answer", shape_of(hits))
    if hits:
        _check_contact(client, hits[0], found)
    else:
        found.untried("contact", "the search shows no contact to look at")


def _check_search(client: ESputnikBulkClient, found: Findings) -> None:
    """Look for somebody who does not exist, as a delivery looks for a new person."""
    strangers = client.search_contacts(email=NOBODY, size=PAGE_SIZE)
    if len(strangers) < PAGE_SIZE:
        found.fits("search", "an address that nobody has finds nobody")
    else:
        found.note(
            "search", "an address that nobody has finds a full page of contacts: the search may ignore the address"
        )


def _check_contact(client: ESputnikBulkClient, hit: Row, found: Findings) -> None:
    if not str(hit.get("id")).isdigit():
        found.wrong("search answer", "a hit has no numeric id")
        return
    try:
        contact = client.read_contact(int(hit["id"]))
    except NotFound:
        found.untried("contact", "the one that was found is gone")
        return
    found.note("contact", shape_of(contact))
    if rows(contact.get("channels")) and all({"type", "value"} <= row.keys() for row in rows(contact["channels"])):
        found.fits("contact", "it shows its channels")
    else:
        found.wrong("contact", "it does not show its channels, so nobody would be recognised")
