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


def all_pages(operation: str, page: Callable[[int], list[Row]]) -> list[Row]:
    """Return the rows of all pages; a search may have no end that we can wait for."""
    found: list[Row] = []
    for number in range(MAX_PAGES):
        found += page(number * PAGE_SIZE + 1)
        if len(found) < (number + 1) * PAGE_SIZE:
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
            "search contacts", lambda start: self._client.search_contacts(**by, start=start, size=PAGE_SIZE)
        )
        likely = [hit for hit in hits if not _shows_channels(hit) or has_channel(hit, self._channel)]
        exact = self._read_each(likely)
        if not exact:
            # A listing may show one channel of several: read all, before they count as near misses.
            others = [hit for hit in hits if hit not in likely]
            if len(others) > MAX_NEAR_MISSES:
                raise Ambiguous(VENDOR, "search contacts", detail="more near misses than can be read")
            exact = self._read_each(others)
        return pick_match(VENDOR, exact, self._has_name) if exact else None

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


def _shows_channels(contact: Row) -> bool:
    return "channels" in contact and (contact["channels"] is None or rows_only(contact["channels"]) is not None)
