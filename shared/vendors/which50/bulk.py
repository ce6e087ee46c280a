"""Which50's other calls, which no delivery makes: reading, journeys' data, and many contacts at once.

Sources: [seed] the API's index page; [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from shared.contact import Value
from shared.http.call import Query
from shared.vendors.client import segment
from shared.vendors.payload import Row, as_row
from shared.vendors.which50.client import (
    Which50Client,
    json_reply,
    list_contact,
    match_query,
    refuse_blank_match,
)

Interaction = Literal["journeys", "communications", "summary", "emails", "textmessages", "landingpages", "webforms"]


class Which50BulkClient(Which50Client):
    """Every documented call that reads, writes or imports contacts; journeys and files through `request()`."""

    def contact_list(self, list_id: int) -> Row:
        """Read one contact list [DOC GET-contactLists-contactListId]."""
        return self._row("read contact list", f"/contactLists/{list_id}")

    def field(self, list_id: int, field_id: int) -> Row:
        """Read one field [DOC GET-contactLists-contactListId-fields-fieldId]."""
        return self._row("read field", f"/contactLists/{list_id}/fields/{field_id}")

    def contacts(self, list_id: int, query: Query = ()) -> list[Row]:
        """List a contact list's contacts [seed]: all of them, so never in a visitor's request.

        Args:
            list_id: the contact list.
            query: e.g. `[("$top", "100")]`; undocumented here, other lists of this API are OData-like (assumed).
        """
        return self._rows("list contacts", f"/contactLists/{list_id}/contacts", query)

    def interactions(self, contact_id: str, kind: Interaction) -> Any:
        """Read one list of a contact's interactions [seed]; the answers' shapes are not documented."""
        return self._get(f"read {kind}", f"/contacts/{segment(contact_id)}/{kind}").body

    def journey_activities(self, contact_id: str, journey_id: int) -> Any:
        """Read all of a contact's interactions in one journey [seed]."""
        path = f"/contacts/{segment(contact_id)}/journeyactivities/{journey_id}"
        return self._get("read journey activities", path).body

    def server_time(self) -> Any:
        """Read the server's clock [seed]; its format is not documented."""
        return self._get("read server time", "/contactLists/serverTime").body

    def update_matching(
        self,
        list_id: int,
        values: Mapping[str, Value],
        *,
        match: Mapping[str, str],
        custom_events: Sequence[str] = (),
    ) -> Row:
        """Update all contacts that have the matched values [DOC PATCH-…-contact].

        The values are part of the URL, so every proxy logs them: no delivery makes this call.
        """
        refuse_blank_match(match, tuple(match))
        reply = self.request(
            "update matching contacts",
            "PATCH",
            f"/contactLists/{list_id}/contact",
            query=[*match_query(tuple(match), custom_events), *match.items()],
            body={"Values": dict(values)},
        )
        return as_row(json_reply(reply, "update matching contacts").body)

    def submit_contact_form(self, form: Mapping[str, str]) -> None:
        """Post the fields of an old `Contact.aspx` form [DOC POST-contactLists-contactForm]; no page names them."""
        self.request("submit contact form", "POST", "/contactLists/contactForm", form=form)

    def register_device(
        self, list_id: int, contact: Row, *, match: Sequence[str], custom_events: Sequence[str] = ()
    ) -> Row:
        """Create or update a contact and store its device [DOC POST-…-registerDevice]; its member is not documented."""
        path = f"/contactLists/{list_id}/registerDevice"
        return self._post_matched("register device", path, {**contact, "ListId": list_id}, match, custom_events)

    def open_import(self, list_id: int, field_names: Sequence[str]) -> Row:
        """Open an import job [DOC POST-…-import]; a second one after a lost answer leaves an orphan."""
        path = f"/contactLists/{list_id}/import"
        return as_row(self.request("open import", "POST", path, body={"FieldNames": list(field_names)}).body)

    def add_to_import(self, list_id: int, job_id: int, contacts: Sequence[Mapping[str, Value]]) -> Row:
        """Add a batch of contacts' values, 10,000 at most, to an open job [DOC POST-…-import-importJobId]."""
        path = f"/contactLists/{list_id}/import/{job_id}"
        return as_row(
            self.request("add to import", "POST", path, body=[list_contact(list_id, c) for c in contacts]).body
        )

    def run_import(self, list_id: int, job_id: int, *, match: Sequence[str], custom_events: Sequence[str] = ()) -> Row:
        """Start a filled job; without this nothing is written [DOC POST-…-import-importJobId-run]."""
        path = f"/contactLists/{list_id}/import/{job_id}/run"
        return as_row(self.request("run import", "POST", path, query=match_query(match, custom_events)).body)

    def import_status(self, list_id: int, job_id: int) -> Row:
        """Read how far a job is [DOC GET-…-import-importJobId]."""
        return self._row("read import", f"/contactLists/{list_id}/import/{job_id}")
