"""eSputnik's other calls, which no delivery makes: imports of files, segments' members, unsubscribing.

Sources: [seed] "API Methods for Adding Contacts"; [FAQ] the reference at docs.esputnik.com; [SHOP] the vendor's own
connector Yespo-CDP/yespo-shopify; [OSSB], [DK], [ONE] other people's clients. What none of them says is "assumed".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from shared.http.call import Effect
from shared.vendors.esputnik.client import ESputnikClient, contact_path, page_query
from shared.vendors.esputnik.imports import (
    FIRST_LOOK_SECONDS,
    LONGEST_PAUSE_SECONDS,
    BulkResult,
    Import,
    ImportStatus,
)
from shared.vendors.payload import Row, rows


class ESputnikBulkClient(ESputnikClient):
    """Every documented call that finds, writes, deletes or groups contacts."""

    def delete_external_contact(self, external_id: str, *, erase: bool = False) -> bool:
        """Delete one contact by the customer's own id, for good with `erase` [SHOP]. Returns whether it was there."""
        return self._delete("/v1/contact", ("externalCustomerId", external_id), ("erase", str(erase).lower()))

    def replace_subscriptions(self, contact_id: int, categories: Sequence[str]) -> None:
        """Set a contact's subscription categories, all of them [ONE]; the body's shape is assumed."""
        path = f"{contact_path(contact_id)}/subscriptions"
        self.request("replace subscriptions", "PUT", path, body=list(categories))

    def contact_emails(self, contact_ids: Sequence[int]) -> dict[int, str]:
        """Translate the vendor's ids to e-mail addresses [DK]."""
        query = [("ids", ",".join(map(str, contact_ids)))]
        reply = self.request("contact emails", "GET", "/v1/contacts/email", effect=Effect.READ, query=query)
        found = rows(reply.body or [], "results")
        return {row["contactId"]: row["email"] for row in found if {"contactId", "email"} <= row.keys()}

    def upload_contacts(self, link: str, settings: Import) -> BulkResult:
        """Let the vendor fetch a CSV file (UTF-8) and import it; the link may hold user and password [seed]."""
        return self._import("upload contacts", "/v1/contacts/upload", {"link": link}, settings)

    def wait_for_import(self, session_id: str, sleep: Callable[[float], None] = time.sleep) -> ImportStatus:
        """Ask until the import is over or the client's deadline near; give it 20 to 30 minutes (assumed)."""
        pause = FIRST_LOOK_SECONDS
        while True:
            status = self.import_status(session_id)
            if status.over or self._deadline.remaining <= pause:
                return status
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def segment_contacts(self, segment_id: int, *, start: int = 1, size: int = 100) -> list[Row]:
        """List the members of a segment [DK]."""
        path = f"/v1/group/{int(segment_id)}/contacts"
        return rows(self._read_list("segment contacts", path, page_query(start, size)))

    def detach_contacts(
        self, segment_id: int, *, contact_ids: Sequence[int] = (), external_ids: Sequence[str] = ()
    ) -> None:
        """Remove contacts from a segment, at most 500. Naming nobody is refused: it would empty the segment [seed]."""
        self._change_members("detach", segment_id, contact_ids, external_ids)

    def unsubscribe_emails(self, emails: Sequence[str]) -> None:
        """Unsubscribe addresses in the whole organisation [FAQ]. There is no method for the way back, on purpose."""
        body = {"emails": list(emails)}
        self.request("unsubscribe", "POST", "/v1/emails/unsubscribed/add", body=body)

    def address_books(self) -> Row:
        """Read the custom fields with their ids and allowed values [OSSB]."""
        return self._read_row("address books", "/v1/addressbooks")
