"""Whautomate: what `relay check --live` can try: the location, the tags, and how a contact looks.

Sources: [PD] Pipedream's components; [MC] MindCloud's reference.
"""

from __future__ import annotations

from shared.conditions import names_of
from shared.http.call import Effect
from shared.vendors.answer_shape import shape_of
from shared.vendors.live_check import CheckedDestination, Findings, listed
from shared.vendors.matching import digits
from shared.vendors.payload import Row, as_row, rows
from shared.vendors.whautomate.client import PAGE_ROWS, WhautomateClient
from shared.vendors.whautomate.options import UpsertOptions

NOBODY = "+12025550100"
"""A number that is kept for examples."""
MAX_TAG_PAGES = 10


def check(destination: CheckedDestination, found: Findings) -> None:
    """Try the location, the tags and the search."""
    client = WhautomateClient(destination.http, destination.connection, destination.deadline)
    options: UpsertOptions = destination.options
    with found.helpful("location_id"):
        _check_location(client, options.location_id, found)
    if wanted := names_of(options.tags):
        with found.helpful("tags"):
            _check_tags(client, wanted, found)
    with found.helpful("search answer"):
        _check_contacts(client, destination, found)
    with found.needed("search"):
        strangers = client.search_contacts(NOBODY)
        if not any(digits(row.get("phoneNumber")) == digits(NOBODY) for row in strangers):
            found.fits("search", "a number that nobody has finds nobody")
    found.untried("stage", "no call lists the account's stages")


def _check_location(client: WhautomateClient, wanted: str, found: Findings) -> None:
    locations = {str(row["id"]): row.get("title") for row in client.list_locations() if "id" in row}  # [PD][MC]
    if not locations:
        found.untried("location_id", "the account lists no locations")
    elif wanted in locations:
        found.fits("location_id", "the account has this location")
    else:
        known = [f"{number} {title or ''}".rstrip() for number, title in locations.items()]
        found.wrong("location_id", f"the account has no such location; it has {listed(known)}")


def _check_tags(client: WhautomateClient, wanted: list[str], found: Findings) -> None:
    known = _tags(client)
    for name in wanted:
        if name in known:
            found.fits("tags", f"the account has the tag {name}")
        else:
            found.note("tags", f"the account has no tag {name}: whether a first use makes it is not documented")


def _tags(client: WhautomateClient) -> set[str]:
    """Return the account's tags: a paged list of objects with `name` [PD]."""
    known: set[str] = set()
    for page in range(1, MAX_TAG_PAGES + 1):
        query = [("limit", str(PAGE_ROWS)), ("page", str(page))]
        reply = client.request("list tags", "GET", "/v1/contactTags", effect=Effect.READ, query=query)
        fresh = {str(row.get("name")) for row in rows(reply.body)} - known
        known |= fresh
        if not fresh:
            break
    return known


def _check_contacts(client: WhautomateClient, destination: CheckedDestination, found: Findings) -> None:
    hits = client.search_contacts(limit=PAGE_ROWS)
    found.note("search answer", shape_of(hits))
    if not hits:
        found.untried("contact", "the search shows no contact to look at")
    elif all("id" in hit for hit in hits) and any(digits(hit.get("phoneNumber")) for hit in hits):
        found.fits("contact", "contacts show their ids and phone numbers")
    else:
        found.wrong("contact", "contacts do not show `id` and `phoneNumber`, so nobody would be recognised")
    _check_custom_fields(hits, destination, found)


def _check_custom_fields(hits: list[Row], destination: CheckedDestination, found: Findings) -> None:
    options: UpsertOptions = destination.options
    mail = {options.email_custom_field: "email_custom_field"} if options.email_custom_field else {}
    seen = {name for hit in hits for name in as_row(hit.get("customFields"))}
    for name, about in {**{str(each): "custom_fields" for each in destination.custom_fields}, **mail}.items():
        if name in seen:
            found.fits(about, f"contacts have {name}")
        else:
            found.untried(about, f"no call lists the account's fields, and no contact looked at has {name}")
