"""Exact look-ups on top of eSputnik's searches, which are not exact.

Sources: [PROD] somebody's code in production, which found the search to return near misses.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import Ambiguous, NotFound
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.contact import has_channel
from shared.vendors.matching import has_texts, pick_match
from shared.vendors.payload import Row, rows_only

MAX_PAGES = 5
"""Pages of near misses that are looked through before a search counts as undecidable."""

PAGE_SIZE = 100

MAX_NEAR_MISSES = 20
"""Hits that do not show the wanted address and are read all the same, each by a call of its own."""


def all_pages(operation: str, page: Callable[[int], list[Row]], is_wanted: Callable[[Row], bool]) -> list[Row]:
    """Return the rows of all pages; `page` returns one, from a row on, counted from 1.

    A vendor may give fewer rows than a page was asked for. So a short page is the last one only if a wanted row was
    found, or if it shows nothing new.

    Raises:
        Ambiguous: there are more pages than we can wait for.
    """
    found: list[Row] = []
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        shown = page(len(found) + 1)
        fresh = [row for row in shown if str(row.get("id")) not in seen]
        found += fresh
        seen |= {str(row.get("id")) for row in fresh}
        if len(shown) < PAGE_SIZE and (not fresh or any(map(is_wanted, found))):
            return found
    raise Ambiguous(VENDOR, operation, detail="more hits than can be looked through")


class ContactFinder:
    """Exact look-ups on top of a search that is not exact: each hit that may be the one is read again [PROD]."""

    def __init__(self, client: ESputnikClient, channel: Row, person: Row) -> None:
        self._client = client
        self._channel = channel
        self._has_name = has_texts({name: person.get(name) for name in ("firstName", "lastName")})

    def find(self) -> Row | None:
        """Return the contact with this channel; several are told apart by their names."""
        by = {self._channel["type"]: self._channel["value"]}
        hits = all_pages(
            "search contacts",
            lambda start: self._client.search_contacts(**by, start=start, size=PAGE_SIZE),
            self._is_likely,
        )
        likely = [hit for hit in hits if self._is_likely(hit)]
        exact = self._read_each(likely)
        if not exact:
            # A listing may show one channel of several: read all, before they count as near misses.
            others = [hit for hit in hits if hit not in likely]
            if len(others) > MAX_NEAR_MISSES:
                raise Ambiguous(VENDOR, "search contacts", detail="more near misses than can be read")
            exact = self._read_each(others)
        return pick_match(VENDOR, exact, self._has_name) if exact else None

    def _is_likely(self, hit: Row) -> bool:
        return not _shows_channels(hit) or has_channel(hit, self._channel)

    def _read_each(self, hits: list[Row]) -> list[Row]:
        """Return those that are this person as they are now."""
        if any(not str(hit.get("id")).isdigit() for hit in hits):
            raise Ambiguous(VENDOR, "search contacts", detail="a hit without an id")
        return [contact for hit in hits if (contact := self.read(int(hit["id"]))) is not None]

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


def segments_named(name: str, page: Callable[[int], list[Row]]) -> list[Row]:
    """Return the segments of exactly this name; the search for names is not exact either."""
    rows = all_pages("list segments", page, lambda row: row.get("name") == name)
    return [row for row in rows if row.get("name") == name]


def _shows_channels(contact: Row) -> bool:
    return "channels" in contact and (contact["channels"] is None or rows_only(contact["channels"]) is not None)
