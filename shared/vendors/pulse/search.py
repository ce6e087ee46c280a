"""Finding a contact at Pulse by its e-mail address. The search is fuzzy; neither its shape nor paging is documented.

Source: [seed] api-docs.pulsehealth.tech overview. What it does not say is marked "assumed".
"""

from __future__ import annotations

import json
from typing import Any

from shared.errors import Ambiguous
from shared.vendors.answer_path import read
from shared.vendors.matching import has_texts, pick_match, same_email
from shared.vendors.payload import Row
from shared.vendors.pulse.answers import PulseAnswers
from shared.vendors.pulse.client import VENDOR, PulseClient
from shared.vendors.pulse.contact import PulseContact
from shared.vendors.pulse.options import UpsertOptions

MAX_PAGES = 5
"""Pages of hits that are looked through before a search counts as undecidable."""


class ContactSearch:
    """The exact match among fuzzy hits, or nobody."""

    def __init__(self, client: PulseClient, contact: PulseContact, options: UpsertOptions) -> None:
        self._client = client
        self._contact = contact
        self._page_size = options.search_page_size
        self._page_parameter = options.page_parameter
        self._answers = options.answers

    def find(self) -> Row | None:
        """Return the one contact with this address.

        Raises:
            Ambiguous: several that neither NPI nor name tells apart, hits that do not show their address, or more
                hits than can be looked through.
        """
        hits, is_complete = self._hits()
        exact = [hit for hit in hits if self._has_email(hit)]
        if exact:
            person = self._contact.person
            by_name = {name: person.get(name) for name in ("firstName", "lastName")}
            return pick_match(VENDOR, exact, has_texts({"npi": person.get("npi")}), has_texts(by_name))
        if not is_complete:
            raise Ambiguous(VENDOR, "search contacts", detail="more near misses than can be looked through")
        if not all(map(self._is_readable, hits)):
            raise Ambiguous(VENDOR, "search contacts", detail="a hit that does not show its e-mail address")
        return None

    def _hits(self) -> tuple[list[Row], bool]:
        """Return the hits of all pages, and whether these are all."""
        hits: list[Row] = []
        seen: set[str] = set()
        for number in range(1, MAX_PAGES + 1):
            page = self._client.search_contacts(
                self._contact.email, page=number, page_parameter=self._page_parameter, answers=self._answers
            )
            fresh = [hit for hit in page.hits if _key(hit) not in seen]
            seen |= {_key(hit) for hit in fresh}
            hits += fresh
            if page.total is not None:
                if len(hits) >= page.total or not fresh:
                    return hits, len(hits) >= page.total
            elif len(page.hits) < self._page_size or not fresh:
                # The same page once more: `page` is not heeded, and a full page may hide what follows.
                return hits, len(page.hits) < self._page_size
        return hits, False

    def _has_email(self, hit: Row) -> bool:
        """Whether a found contact has this address, displayed or not."""
        return any(same_email(held, self._contact.email) for held in addresses_of(hit, self._answers))

    def _is_readable(self, hit: Row) -> bool:
        """Whether every address that the contact has can be read: one that cannot be may be the wanted one."""
        if self._answers.addresses:
            return bool(_texts(read(self._answers.addresses, hit)))
        if "emails" not in hit:
            return bool(_addresses(hit))
        return all(isinstance(_address(entry), str) for entry in _entries(hit))


def addresses_of(hit: Row, answers: PulseAnswers) -> list[str]:
    """Return all addresses that a found contact shows, displayed or not."""
    return _texts(read(answers.addresses, hit)) if answers.addresses else _addresses(hit)


def _addresses(hit: Row) -> list[str]:
    """Return the addresses under every plausible name (assumed)."""
    own = [hit.get(name) for name in ("emailAddress", "email", "contact_display_email")]
    return [email for email in (*own, *map(_address, _entries(hit))) if isinstance(email, str) and email.strip()]


def _texts(found: Any) -> list[str]:
    return [text for text in (found if isinstance(found, list) else [found]) if isinstance(text, str) and text.strip()]


def _entries(hit: Row) -> list[Any]:
    entries = hit.get("emails") or []
    return entries if isinstance(entries, list) else [entries]


def _address(entry: Any) -> Any:
    return entry.get("emailAddress") if isinstance(entry, dict) else None


def _key(hit: Row) -> str:
    return str(hit["id"]) if hit.get("id") is not None else json.dumps(hit, sort_keys=True)
