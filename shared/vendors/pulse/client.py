"""Pulse's calls: contacts and form submissions.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
What neither says is marked "assumed".
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.deadline import Deadline
from shared.errors import Misconfigured, NotFound, Unavailable
from shared.http.call import COMMON_WORDS, Effect
from shared.http.says_no import says_no
from shared.http.vendor_http import VendorHttp
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection, Credential
from shared.vendors.payload import Row, rows
from shared.vendors.pulse.answers import PulseAnswers
from shared.vendors.pulse.search_page import PLAUSIBLE, SearchPage

VENDOR = "pulse"


class PulseConnection(Connection):
    """Secret of a Pulse connection. Token and account id look alike [seed]; `relay check --live` tells them apart."""

    account_id: Credential
    api_token: Credential

    def _credential(self) -> str:
        return self.account_id


class PulseClient(VendorClient):
    """The documented calls that find or write a contact, and the list of forms."""

    vendor = VENDOR

    def __init__(self, http: VendorHttp, connection: PulseConnection, deadline: Deadline) -> None:
        # The scheme is the word API-TOKEN [seed][WP].
        headers = {"Authorization": f"API-TOKEN {connection.api_token}", "X-Account": connection.account_id}
        super().__init__(http, connection.base_url, headers, deadline)

    def search_contacts(
        self,
        text: str,
        *,
        page: int = 1,
        page_parameter: str = "page",
        fields: Sequence[str] = (),
        sort: Sequence[str] = (),
        answers: PulseAnswers = PLAUSIBLE,
    ) -> SearchPage:
        """Search by the displayed e-mail address; a full-text search, not a key look-up [seed].

        Args:
            text: what to search for.
            page: from 1.
            page_parameter: the name of its parameter (assumed); not sent for the first page.
            fields: names to restrict the answer to.
            sort: `field:ASC` or `field:DESC`, most important first.
            answers: where the answer holds what is read of it.

        Raises:
            Misconfigured: the answer has a shape that is not known; the form file's `answers` can say it, a repeat
                cannot.
        """
        query = search_query(text, page, page_parameter)
        query += [("fields[]", name) for name in fields] + [("sort[]", order) for order in sort]
        try:
            reply = self.request("search contacts", "GET", "/contacts/search", effect=Effect.READ, query=query)
        except NotFound:
            return SearchPage([])  # "an appropriate response" for nobody may be a 404 [seed]
        found = SearchPage.of(reply.body, answers) if reply.is_json or reply.empty else None
        if found is None:
            raise Misconfigured(VENDOR, "search contacts", status=reply.status, detail="answer not understood")
        if not found.hits and says_no(reply.body, COMMON_WORDS):
            # Taken for "nobody", a failure would make the contact a second time.
            raise Unavailable(VENDOR, "search contacts", status=reply.status, detail="the answer reports a failure")
        return found

    def create_contact(self, contact: Row, *, answers: PulseAnswers = PLAUSIBLE) -> str | None:
        """Create a contact; `source` is required [seed]. Returns its id where the answer tells it."""
        reply = self.request("create contact", "POST", "/contacts", body=contact)
        return answers.id_of_created(reply.body)

    def update_contact(self, contact_id: str, contact: Row) -> None:
        """Update a contact by Pulse's id [seed]."""
        self.request("update contact", "PUT", f"/contacts/{segment(contact_id)}", body=contact)

    def submit_form(self, form_uuid: str, fields: Row) -> None:
        """Submit a form in its flat dialect [WP]; every call may fire the form's actions."""
        self.request("submit form", "POST", f"/forms/{segment(form_uuid)}/submit", body=fields)

    def list_forms(self) -> list[Row]:
        """List the account's forms; the vendor's own plugin checks credentials with it [WP]."""
        return rows(self.request("list forms", "GET", "/forms", effect=Effect.READ).body, "items")


def search_query(text: str, page: int = 1, page_parameter: str = "page") -> list[tuple[str, str]]:
    """Return the query of a search by the displayed e-mail address [seed]."""
    return [
        ("groups[]", "contact_display_email"),
        ("simpleSearch", text),
        *([(page_parameter, str(page))] if page > 1 else []),
    ]
