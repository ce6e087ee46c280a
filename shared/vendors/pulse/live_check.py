"""Pulse: what `relay check --live` can try."""

from __future__ import annotations

from shared.contact import Contact
from shared.errors import NotFound
from shared.http.call import Effect
from shared.vendors.answer_shape import shape_of
from shared.vendors.live_check import CheckedDestination, Findings, listed
from shared.vendors.matching import fold
from shared.vendors.payload import Row
from shared.vendors.pulse.client import PulseClient, search_query
from shared.vendors.pulse.contact import PulseContact
from shared.vendors.pulse.entries import held_entries
from shared.vendors.pulse.options import SubmitFormOptions, UpsertOptions
from shared.vendors.pulse.search import ContactSearch, addresses_of
from shared.vendors.pulse.search_page import SearchPage

NOBODY = "signup-relay-check@example.com"
ANYBODY = "@"
"""A text that every address holds: the search is fuzzy."""


def check(destination: CheckedDestination, found: Findings) -> None:
    """Try the form's id, or what the search answers."""
    client = PulseClient(destination.http, destination.connection, destination.deadline)
    if isinstance(destination.options, SubmitFormOptions):
        _check_form(client, destination, found)
    else:
        _check_upsert(client, destination, found)


def _check_form(client: PulseClient, destination: CheckedDestination, found: Findings) -> None:
    wanted = destination.options.form_uuid
    with found.helpful("form_uuid"):
        forms = {str(form.get("uuid")): form.get("name") for form in client.list_forms()}
        if not forms:
            found.untried("form_uuid", "the account lists no forms")
        elif fold(wanted) in map(fold, forms):
            found.fits("form_uuid", "the account has this form")
        else:
            known = [f"{uuid} {name or ''}".rstrip() for uuid, name in forms.items()]
            found.wrong("form_uuid", f"the account has no such form; it has {listed(known)}")
    if destination.custom_fields:
        found.untried("custom_fields", "no call lists the account's custom fields")


def _check_upsert(client: PulseClient, destination: CheckedDestination, found: Findings) -> None:
    options: UpsertOptions = destination.options
    found.untried("source", "no call lists the account's sources")
    found.untried("update", "whether PUT merges or replaces shows only in a write")
    # No delivery searches for this text, so it may be refused and deliveries be well.
    with found.helpful("search answer"):
        hits = _hits(client, options, found)
        if hits is None:
            return
        if hits:
            _check_hits(hits, options, found)
        else:
            found.untried("answers", "the search shows no contact to look at")
        _check_custom_fields(hits, destination, found)
    with found.needed("search"):
        # As a delivery looks for a new person.
        hit = ContactSearch(client, PulseContact(Contact(email=NOBODY), (), options), options).find()
        if hit is None:
            found.fits("search", "an address that nobody has finds nobody")


def _hits(client: PulseClient, options: UpsertOptions, found: Findings) -> list[Row] | None:
    """Return contacts as the search shows them, after noting the shape of its answer; None for an unknown shape."""
    try:
        query = search_query(ANYBODY)
        reply = client.request("search contacts", "GET", "/contacts/search", effect=Effect.READ, query=query)
    except NotFound:
        return []  # as a delivery reads it
    found.note("search answer", shape_of(reply.body))
    page = SearchPage.of(reply.body, options.answers) if reply.is_json or reply.empty else None
    if page is None:
        found.wrong("answers", "the search answers in a shape that is not known; `contacts` says where the hits are")
        return None
    return page.hits


def _check_hits(hits: list[Row], options: UpsertOptions, found: Findings) -> None:
    before = len(found.all)
    if any(hit.get("id") is None for hit in hits):
        found.wrong("answers", "a hit has no id; `id` says where it is")
    if not any(addresses_of(hit, options.answers) for hit in hits):
        found.wrong("answers", "no hit shows an e-mail address; `addresses` says where they are")
    elif any(hit.get("emails") and held_entries(hit, "emails") is None for hit in hits):
        found.wrong("answers", "an e-mail shows no id of its own, so the consent of a known contact cannot be set")
    if len(found.all) == before:
        found.fits("answers", "hits show their ids and e-mail addresses")


def _check_custom_fields(hits: list[Row], destination: CheckedDestination, found: Findings) -> None:
    shown = {name for hit in hits if isinstance(hit.get("customFields"), dict) for name in hit["customFields"]}
    for name in sorted(map(str, destination.custom_fields)):
        if name in shown:
            found.fits("custom_fields", f"contacts have {name}")
        else:
            found.untried("custom_fields", f"no call lists the account's fields, and no contact looked at has {name}")
