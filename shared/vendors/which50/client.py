"""Which50's calls: contact lists, contacts, import jobs.

Sources: [seed] the API's index page; [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contact import Value
from shared.deadline import Deadline
from shared.errors import OutcomeUnknown, Refused, Unavailable, VendorError
from shared.http.call import AnswerWords, Effect, Query, Reply
from shared.http.vendor_http import VendorHttp
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection, Credential, HeaderName
from shared.vendors.payload import Row, as_row, rows

VENDOR = "which50"

UserName = Annotated[str, StringConstraints(pattern=r"^[\x20-\x39\x3b-\x7e]+$")]
"""Basic authentication cannot carry a colon in the name."""


class Which50Connection(Connection):
    """Secret of a Which50 connection. No page names the scheme [DOC], so it says: `headers`, or name and password."""

    headers: Annotated[dict[HeaderName, Credential], Field(default_factory=dict)]
    username: UserName | None = None
    password: Credential | None = None

    @model_validator(mode="after")
    def _way_in(self) -> Self:
        if not self.headers and (self.username is None or self.password is None):
            raise ValueError("headers, or username and password, are needed")
        return self

    def _credential(self) -> str:
        return self.username or "\n".join(f"{name}: {value}" for name, value in sorted(self.headers.items()))

    @property
    def authentication(self) -> dict[str, str]:
        """The headers that authenticate."""
        if self.headers:
            return self.headers
        return {"Authorization": f"Basic {b64encode(f'{self.username}:{self.password}'.encode()).decode()}"}


Interaction = Literal["journeys", "communications", "summary", "emails", "textmessages", "landingpages", "webforms"]


class Which50Client(VendorClient):
    """Every documented call that finds, writes or imports contacts; journeys and files through `request()`."""

    vendor = VENDOR
    words = AnswerWords(ids=("EncContactId", "Id"))

    def __init__(self, http: VendorHttp, connection: Which50Connection, deadline: Deadline) -> None:
        super().__init__(http, connection.base_url, connection.authentication, deadline)
        self.account = (connection.base_url, *sorted(connection.authentication.items()))
        """What tells two accounts apart; holds credentials, so it is never logged."""

    def contact_lists(self) -> list[Row]:
        """List the contact lists: `Id`, `Name`, `Count` [DOC GET-contactLists]."""
        return self._rows("list contact lists", "/contactLists")

    def contact_list(self, list_id: int) -> Row:
        """Read one contact list [DOC GET-contactLists-contactListId]."""
        return self._row("read contact list", f"/contactLists/{list_id}")

    def fields(self, list_id: int) -> list[Row]:
        """List a contact list's fields, whose names `Values` uses [DOC GET-contactLists-contactListId-fields]."""
        reply = self._get("list fields", f"/contactLists/{list_id}/fields")
        if not isinstance(reply.body, list):
            raise self._not_understood("list fields", reply)
        return rows(reply.body)

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

    def contact(self, contact_id: str) -> Row:
        """Read one contact by its encrypted id, `EncContactId` [DOC GET-contacts-contactId]."""
        return self._row("read contact", f"/contacts/{segment(contact_id)}")

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

    def write_contact(
        self, list_id: int, values: Mapping[str, Value], *, match: Sequence[str], custom_events: Sequence[str] = ()
    ) -> Row:
        """Create the contact, or update ALL that equal it in every `match` field [DOC POST-…-contact].

        Raises:
            Refused: without a call, when a matched value is blank: it would hit everybody who lacks it.
        """
        path = f"/contactLists/{list_id}/contact"
        return self._post_matched("write contact", path, _contact(list_id, values), match, custom_events)

    def update_matching(
        self,
        list_id: int,
        values: Mapping[str, Value],
        *,
        match: Mapping[str, str],
        custom_events: Sequence[str] = (),
    ) -> Row:
        """Update all contacts that have the matched values [DOC PATCH-…-contact].

        The values stand in the URL, and so in the logs of everything in between: no flow of ours uses it.
        """
        refuse_blank_match(match, tuple(match))
        reply = self.request(
            "update matching contacts",
            "PATCH",
            f"/contactLists/{list_id}/contact",
            effect=_effect(custom_events),
            query=[*_query(tuple(match), custom_events), *match.items()],
            body={"Values": dict(values)},
        )
        return as_row(_json(reply, "update matching contacts").body)

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
        return as_row(self.request("add to import", "POST", path, body=[_contact(list_id, c) for c in contacts]).body)

    def run_import(self, list_id: int, job_id: int, *, match: Sequence[str], custom_events: Sequence[str] = ()) -> Row:
        """Start a filled job; without this nothing is written [DOC POST-…-import-importJobId-run]."""
        path = f"/contactLists/{list_id}/import/{job_id}/run"
        return as_row(self.request("run import", "POST", path, query=_query(match, custom_events)).body)

    def import_status(self, list_id: int, job_id: int) -> Row:
        """Read how far a job is [DOC GET-…-import-importJobId]."""
        return self._row("read import", f"/contactLists/{list_id}/import/{job_id}")

    def _post_matched(
        self, operation: str, path: str, contact: Row, match: Sequence[str], custom_events: Sequence[str]
    ) -> Row:
        refuse_blank_match(contact.get("Values", {}), match)
        query, effect = _query(match, custom_events), _effect(custom_events)
        reply = self.request(operation, "POST", path, effect=effect, query=query, body=contact)
        return as_row(_json(reply, operation).body)

    def _rows(self, operation: str, path: str, query: Query = ()) -> list[Row]:
        return rows(self._get(operation, path, query).body)

    def _row(self, operation: str, path: str) -> Row:
        return as_row(self._get(operation, path).body)

    def _get(self, operation: str, path: str, query: Query = ()) -> Reply:
        reply = self.request(operation, "GET", path, effect=Effect.READ, query=query)
        return _json(reply, operation, Unavailable)


def _contact(list_id: int, values: Mapping[str, Value]) -> Row:
    # Path and body must name the same list: which of them wins is not documented.
    return {"ListId": list_id, "Values": dict(values)}


def _query(match: Sequence[str], custom_events: Sequence[str]) -> list[tuple[str, str]]:
    events = [("customevents", ",".join(custom_events))] if custom_events else []
    return [("match", ",".join(match)), *events]


def _effect(custom_events: Sequence[str]) -> Effect:
    """A matched write ends the same however often it is made; its events go out every time [DOC]."""
    return Effect.ONCE if custom_events else Effect.REPEATABLE


def refuse_blank_match(values: Mapping[str, Any], match: Collection[str]) -> None:
    """Raise `Refused` unless every matched value says something: a blank one would hit all who lack it."""
    if not match or any(not str(values.get(name, "")).strip() for name in match):
        raise Refused(VENDOR, "match contacts", detail="a matched value is blank")


def _json(reply: Reply, operation: str, unknown: type[VendorError] = OutcomeUnknown) -> Reply:
    """Refuse an answer that is neither JSON nor empty: it is a log-in page or a proxy (assumed)."""
    if reply.body is None and not reply.empty and "json" not in reply.headers.get("content-type", ""):
        raise unknown(VENDOR, operation, status=reply.status, detail="the answer is not JSON")
    return reply
