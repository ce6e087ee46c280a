"""Whautomate's calls: contacts and their tags.

Sources: [seed] the vendor's REST reference; [TOP] help.whautomate.com, its opening; [PD] Pipedream's components; [MC]
MindCloud's reference. What none of them says is marked "assumed".
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from shared.deadline import Deadline
from shared.http.call import Effect
from shared.http.vendor_http import VendorHttp
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection, Credential
from shared.vendors.matching import any_of_words
from shared.vendors.payload import Row, as_row, drop_empty, rows, rows_only

VENDOR = "whautomate"

PAGE_ROWS = 50
"""Neither default nor maximum of `limit` is documented."""
EXISTS_WORDS = ("exists", "already", "duplicate")
"""How a 400 may say that the contact is there (assumed); "does not exist" is another matter."""


class WhautomateConnection(Connection):
    """Secret of a Whautomate connection. The host is shown per account: global, India, … [TOP]; there is no default."""

    api_key: Credential

    def _credential(self) -> str:
        return self.api_key

    @property
    def host(self) -> str:
        """The host to name when a key is refused: a wrong region looks like a bad key."""
        return urlsplit(self.base_url).hostname or ""


class WhautomateClient(VendorClient):
    """The documented calls that find, write, delete or tag a contact, and those that show the account."""

    vendor = VENDOR

    def __init__(
        self,
        http: VendorHttp,
        connection: WhautomateConnection,
        deadline: Deadline,
        *,
        exists_words: Sequence[str] = EXISTS_WORDS,
        tags_member: str = "tags",
    ) -> None:
        super().__init__(http, connection.base_url, {"x-api-key": connection.api_key}, deadline)  # [seed][TOP]
        self._exists = any_of_words(exists_words)
        self._tags_member = tags_member

    def search_contacts(
        self,
        text: str = "",
        *,
        page: int = 1,
        limit: int = PAGE_ROWS,
        tags: str = "",
        location_id: str = "",
        channel: str = "",
    ) -> list[Row]:
        """Search, not exactly; a bare array without total or next page [seed].

        Args:
            text: free text; the fields that it covers are not documented.
            page: from 1.
            limit: rows of a page.
            tags, location_id, channel: filters, left out when empty.
        """
        filters = {"searchText": text, "tags": tags, "locationId": location_id, "channel": channel}
        query = [("limit", str(limit)), ("page", str(page)), *drop_empty(filters).items()]
        reply = self.request("search contacts", "GET", "/v1/contacts", effect=Effect.READ, query=query)
        hits = rows_only(reply.body)
        if hits is None:
            raise self._not_understood("search contacts", reply)
        return hits

    def add_contact(self, contact: Row) -> Row:
        """Create a contact [seed]; never an upsert, so `Conflict` when the vendor says that it exists."""
        reply = self.request("create contact", "POST", "/v1/contacts", body=contact, conflict=self._exists)
        return as_row(reply.body)

    def get_contact(self, contact_id: str) -> Row:
        """Read one contact [seed]."""
        reply = self.request("read contact", "GET", _path(contact_id), effect=Effect.READ)
        contact = as_row(reply.body)
        if "id" not in contact:
            raise self._not_understood("read contact", reply)
        return contact

    def update_contact(self, contact_id: str, contact: Row) -> Row:
        """Replace a contact whole: what is left out may be lost [seed][PD]."""
        reply = self.request("update contact", "PUT", _path(contact_id), body=contact)
        return as_row(reply.body)

    def delete_contact(self, contact_id: str) -> None:
        """Delete a contact, for good as far as is known [seed]; no delivery does."""
        self.request("delete contact", "DELETE", _path(contact_id))

    def add_tags(self, contact_id: str, tags: Sequence[str]) -> list[str]:
        """Add tags and return those the contact has now [seed]; each one sent may start its automations again."""
        return self._tags("add tags", f"{_path(contact_id)}/tags/add", tags)

    def remove_tags(self, contact_id: str, tags: Sequence[str]) -> list[str]:
        """Take tags away and return those that are left [seed]."""
        return self._tags("remove tags", f"{_path(contact_id)}/tags/remove", tags)

    def account_info(self) -> Row:
        """Read the account; checks the key [MC]."""
        return as_row(self.request("account info", "GET", "/v1/account-info", effect=Effect.READ).body)

    def list_locations(self) -> list[Row]:
        """List the locations: their `id` is what `location_id` wants [PD][MC]."""
        return rows(self.request("list locations", "GET", "/v1/locations", effect=Effect.READ).body)

    def _tags(self, operation: str, path: str, tags: Sequence[str]) -> list[str]:
        reply = self.request(operation, "POST", path, body={self._tags_member: list(tags)})
        shown = as_row(reply.body).get("tags")
        return [tag for tag in shown if isinstance(tag, str)] if isinstance(shown, list) else []


def _path(contact_id: str) -> str:
    return f"/v1/contacts/{segment(contact_id)}"
