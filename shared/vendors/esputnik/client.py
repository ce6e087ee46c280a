"""eSputnik / Yespo: the calls that deliveries make; `bulk.py` has the others.

Sources: [seed] "API Methods for Adding Contacts"; [SUB], [BULK], [START], [FAQ] the reference at docs.esputnik.com;
[SHOP], [WOO] the vendor's own connectors Yespo-CDP/yespo-shopify and yespo-woocommerce; [OSSB], [DK], [YII], [PROD],
[ONE] other people's clients. What none of them says is marked "assumed". Some answers with 200 are a bare sentence
[OSSB][PROD], so no method needs JSON unless it returns what it read.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from pydantic import field_validator

from shared.deadline import Deadline
from shared.errors import NotFound, Refused
from shared.http.call import Effect, Query, Reply
from shared.http.vendor_http import VendorHttp
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection, Credential
from shared.vendors.esputnik.imports import MAX_IMPORT, BulkResult, Import, ImportStatus
from shared.vendors.matching import any_of_words
from shared.vendors.payload import Row, as_row, drop_empty, rows_only

VENDOR = "esputnik"

MAX_MEMBERS = 500
"""Contacts of one attach or detach [seed]."""

REPEATED_WORDS = ("duplicated request",)
"""How the vendor says that it was sent this within the minute [SHOP]; that this is its 409 [SUB] is assumed."""


class ESputnikConnection(Connection):
    """Secret of a connection. `base_url`: `https://esputnik.com/api` [START] or `https://yespo.io/api` [SHOP]."""

    api_key: Credential
    username: Credential = "signup-relay"
    """Any user name will do [START]."""

    @field_validator("base_url")
    @classmethod
    def _without_version(cls, url: str) -> str:
        """Both hosts serve the same paths; a base that ends in the version is the same account's."""
        return url.removesuffix("/v1")

    def _credential(self) -> str:
        return self.api_key


class ESputnikClient(VendorClient):
    """The calls that find, write, delete or group one contact."""

    vendor = VENDOR

    def __init__(
        self,
        http: VendorHttp,
        connection: ESputnikConnection,
        deadline: Deadline,
        *,
        repeated_words: Sequence[str] = REPEATED_WORDS,
    ) -> None:
        token = b64encode(f"{connection.username}:{connection.api_key}".encode()).decode()
        super().__init__(http, connection.base_url, {"Authorization": f"Basic {token}"}, deadline)
        self._repeated = any_of_words(repeated_words)

    # One contact.

    def subscribe(self, request: Row) -> int | None:
        """Add or update one unconfirmed contact and launch its event [seed][SUB]. Returns the contact's id."""
        return self._write("subscribe contact", "/v1/contact/subscribe", request)

    def add_contact(self, contact: Row) -> int | None:
        """Add one confirmed contact, or update it by e-mail or phone [seed]; an earlier edition always added."""
        # The seed prints /v1/contacts here, which is the bulk call; the vendor's connectors say otherwise [SHOP][WOO].
        return self._write("add contact", "/v1/contact", contact)

    def _write(self, operation: str, path: str, body: Row) -> int | None:
        return _id(self.request(operation, "POST", path, body=body, conflict=self._repeated))

    def update_contact(self, contact_id: int, contact: Row) -> None:
        """Update one contact by the vendor's id; never adds one [seed]. Merge or replace is not documented."""
        path = contact_path(contact_id)
        self.request("update contact", "PUT", path, body=contact, conflict=self._repeated)

    def read_contact(self, contact_id: int) -> Row:
        """Read one contact; `NotFound` when there is none [DK]."""
        return self._read_row("read contact", contact_path(contact_id))

    def delete_contact(self, contact_id: int) -> bool:
        """Delete one contact by the vendor's id [DK]. Returns whether it was there."""
        return self._delete(contact_path(contact_id))

    def _delete(self, path: str, *query: tuple[str, str]) -> bool:
        try:
            self.request("delete contact", "DELETE", path, query=query)
        except NotFound:
            return False  # gone is what was wanted [SHOP]
        return True

    def read_subscriptions(self, contact_id: int) -> list[Any]:
        """List a contact's subscription categories [ONE]: names, or objects with one (assumed)."""
        return self._read_list("read subscriptions", f"{contact_path(contact_id)}/subscriptions")

    # Finding.

    def search_contacts(
        self,
        *,
        email: str | None = None,
        sms: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        start: int = 1,
        size: int = 100,
    ) -> list[Row]:
        """Search [OSSB][DK]; not exact, and its total may be wrong [PROD], so compare each hit and page on.

        Args:
            email, sms, first_name, last_name: what to look for.
            start: the first hit, counted from 1.
            size: hits of a page, at most 500.

        Raises:
            Unavailable: also for an answer that is not a list: not understood is not "nobody" [PROD].
        """
        wanted = {"email": email, "sms": sms, "firstname": first_name, "lastname": last_name}
        query = [*page_query(start, size), *((name, text) for name, text in wanted.items() if text)]
        return self._read_rows("search contacts", "/v1/contacts", query)

    # Many contacts.

    def import_contacts(self, contacts: Sequence[Row], settings: Import) -> BulkResult:
        """Add or update many confirmed contacts; the import runs minutes later [seed].

        Raises:
            Refused: no or too many contacts, broken settings, or an error message beside 200 [YII][PROD].
        """
        if not 1 <= len(contacts) <= MAX_IMPORT:
            raise Refused(VENDOR, "import contacts", detail=f"a call takes 1 to {MAX_IMPORT} contacts")
        return self._import("import contacts", "/v1/contacts", {"contacts": list(contacts)}, settings)

    def _import(self, operation: str, path: str, source: Row, settings: Import) -> BulkResult:
        if settings.breaks_a_rule:
            raise Refused(VENDOR, operation, detail="the import's settings break a rule")
        body = {**source, **settings.body()}
        reply = self.request(operation, "POST", path, body=body, conflict=self._repeated)
        return BulkResult.of(as_row(reply.body), contact_id=_id(reply))

    def import_status(self, session_id: str) -> ImportStatus:
        """Ask how far an import is [seed][PROD]. A session that is not known yet is no failure (assumed)."""
        path = f"/v1/importstatus/{segment(session_id)}"
        try:
            reply = self.request("import status", "GET", path, effect=Effect.READ)
        except NotFound:
            return ImportStatus(None)
        return ImportStatus.of(as_row(reply.body))

    # Segments.

    def list_segments(self, name: str = "", *, start: int = 1, size: int = 100) -> list[Row]:
        """List segments, `[{"id", "name", "type"}]`, whose names hold `name` [DK][OSSB]."""
        query = [*page_query(start, size), *([("name", name)] if name else [])]
        return self._read_rows("list segments", "/v1/groups", query)

    def attach_contacts(
        self, segment_id: int, *, contact_ids: Sequence[int] = (), external_ids: Sequence[str] = ()
    ) -> None:
        """Add contacts to a segment of the List type, by one kind of id, at most 500 [seed]."""
        self._change_members("attach", segment_id, contact_ids, external_ids)

    def _change_members(
        self, change: str, segment_id: int, contact_ids: Sequence[int], external_ids: Sequence[str]
    ) -> None:
        operation = f"{change} contacts"
        body = drop_empty({"contactIds": list(contact_ids), "externalCustomerIds": list(external_ids)})
        if len(body) != 1 or len(contact_ids) + len(external_ids) > MAX_MEMBERS:
            raise Refused(VENDOR, operation, detail=f"name 1 to {MAX_MEMBERS} contacts by one kind of id")
        path = f"/v1/group/{int(segment_id)}/contacts/{change}"
        self.request(operation, "POST", path, body=body)

    # The account.

    def account_info(self) -> Row:
        """Read the account; the vendor's own connector checks its key with it [SHOP]."""
        return self._read_row("account info", "/v1/account/info")

    def _read_row(self, operation: str, path: str) -> Row:
        reply = self.request(operation, "GET", path, effect=Effect.READ)
        if not isinstance(reply.body, dict):
            raise self._not_understood(operation, reply)
        return reply.body

    def _read_list(self, operation: str, path: str, query: Query = ()) -> list[Any]:
        reply = self.request(operation, "GET", path, effect=Effect.READ, query=query)
        if not isinstance(reply.body, list):
            raise self._not_understood(operation, reply)
        return reply.body

    def _read_rows(self, operation: str, path: str, query: Query) -> list[Row]:
        reply = self.request(operation, "GET", path, effect=Effect.READ, query=query)
        found = rows_only(reply.body)
        if found is None:
            raise self._not_understood(operation, reply)
        return found


def contact_path(contact_id: int) -> str:
    """Return the path of a contact."""
    return f"/v1/contact/{int(contact_id)}"


def page_query(start: int, size: int) -> list[tuple[str, str]]:
    """Return the query for a page; `start` counts hits from 1."""
    return [("startindex", str(start)), ("maxrows", str(size))]


def _id(reply: Reply) -> int | None:
    """Read the contact's id; 0 says that it is not known yet [OSSB], a bare sentence says nothing of it."""
    number = as_row(reply.body).get("id")
    return int(number) if isinstance(number, int | str) and str(number).isdigit() and int(number) else None
