"""Exact look-ups on top of eSputnik's searches, which are not exact.

Sources: [PROD] somebody's code in production, which found the search to return near misses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from shared.errors import Ambiguous, NotFound, Refused
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.contact import has_channel
from shared.vendors.matching import has_texts, pick_match
from shared.vendors.payload import Row, rows_only

PAGE_SIZE = 100

MAX_ROWS = 500
"""Near misses that are looked through before a search counts as undecidable."""

MAX_PAGES = 12
"""Calls for them: a vendor may give fewer rows than a page was asked for."""

MAX_NEAR_MISSES = 20
"""Hits that do not show the wanted address and are read all the same, each by a call of its own."""


def all_pages(operation: str, page: Callable[[int], list[Row]], is_enough: Callable[[list[Row]], bool]) -> list[Row]:
    """Return the rows of all pages; `page` returns one, from a row on, counted from 1.

    A vendor may give fewer rows than a page was asked for. So a short page is the last one only if it brought what is
    wanted (`is_enough` of all rows so far), if it shows nothing new, or if nothing may be asked for beyond it.

    Raises:
        Ambiguous: there are more rows than we can wait for.
    """
    found: list[Row] = []
    seen: set[str] = set()
    start, is_short = 1, False
    for _ in range(MAX_PAGES):
        try:
            shown = page(start)
        except (NotFound, Refused):
            if not is_short:
                raise
            return found  # beyond the last row
        fresh = [row for row in shown if str(row.get("id")) not in seen]
        found += fresh
        seen |= {str(row.get("id")) for row in fresh}
        start += len(shown)
        is_short = len(shown) < PAGE_SIZE
        if is_short and (not fresh or is_enough(found)):
            return found
        if len(found) >= MAX_ROWS:
            break
    raise Ambiguous(VENDOR, operation, detail="more hits than can be looked through")


class ContactFinder:
    """Exact look-ups on top of a search that is not exact: each hit that may be the one is read again [PROD]."""

    def __init__(self, client: ESputnikClient, channel: Row, person: Row) -> None:
        self._client = client
        self._channel = channel
        self._has_name = has_texts({name: person.get(name) for name in ("firstName", "lastName")})

    def find(self) -> Row | None:
        """Return the contact with this channel; several on the pages looked through are told apart by their names."""
        by = {self._channel["type"]: self._channel["value"]}
        read = cache(self.read)

        def of_this_person(hits: list[Row]) -> list[Row]:
            return _read_each([hit for hit in hits if self._is_likely(hit)], read)

        hits = all_pages(
            "search contacts",
            lambda start: self._client.search_contacts(**by, start=start, size=PAGE_SIZE),
            lambda hits: bool(of_this_person(hits)),
        )
        exact = of_this_person(hits)
        if not exact:
            # A listing may show one channel of several: read all, before they count as near misses.
            others = [hit for hit in hits if not self._is_likely(hit)]
            if len(others) > MAX_NEAR_MISSES:
                raise Ambiguous(VENDOR, "search contacts", detail="more near misses than can be read")
            exact = _read_each(others, read)
        return pick_match(VENDOR, exact, self._has_name) if exact else None

    def _is_likely(self, hit: Row) -> bool:
        return not _shows_channels(hit) or has_channel(hit, self._channel)

    def read(self, contact_id: int) -> Row | None:
        """Return a contact as it is now, unless it is gone or has another address: then it is somebody else.

        Raises:
            Ambiguous: its addresses cannot be read; taken for somebody else, it would be made twice.
        """
        try:
            contact = self._client.read_contact(contact_id)
        except NotFound:
            return None
        if not _shows_channels(contact):
            raise Ambiguous(VENDOR, "read contact", detail="a contact does not show its channels")
        return {**contact, "id": contact_id} if has_channel(contact, self._channel) else None


def segments_named(client: ESputnikClient, name: str) -> list[Row]:
    """Return the segments of exactly this name; the search for names is not exact either."""

    def page(start: int) -> list[Row]:
        return client.list_segments(name, start=start, size=PAGE_SIZE)

    def named(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row.get("name") == name]

    return named(all_pages("list segments", page, lambda rows: bool(named(rows))))


def _read_each(hits: list[Row], read: Callable[[int], Row | None]) -> list[Row]:
    """Return those that are this person as they are now."""
    if any(not str(hit.get("id")).isdigit() for hit in hits):
        raise Ambiguous(VENDOR, "search contacts", detail="a hit without an id")
    return [contact for hit in hits if (contact := read(int(hit["id"]))) is not None]


def _shows_channels(contact: Row) -> bool:
    return "channels" in contact and (contact["channels"] is None or rows_only(contact["channels"]) is not None)
