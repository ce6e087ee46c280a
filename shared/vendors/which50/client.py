"""Which50's calls that deliveries make; `bulk.py` has the others.

Sources: [seed] the API's index page; [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Self

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


class Which50Client(VendorClient):
    """The calls that write one contact, and read what a delivery has to know of its list."""

    vendor = VENDOR
    words = AnswerWords(ids=("EncContactId", "Id"))

    def __init__(self, http: VendorHttp, connection: Which50Connection, deadline: Deadline) -> None:
        super().__init__(http, connection.base_url, connection.authentication, deadline)
        self.account = (connection.base_url, *sorted(connection.authentication.items()))
        """What tells two accounts apart; holds credentials, so it is never logged."""

    def contact_lists(self) -> list[Row]:
        """List the contact lists: `Id`, `Name`, `Count` [DOC GET-contactLists]."""
        return self._rows("list contact lists", "/contactLists")

    def fields(self, list_id: int) -> list[Row]:
        """List a contact list's fields, whose names `Values` uses [DOC GET-contactLists-contactListId-fields]."""
        reply = self._get("list fields", f"/contactLists/{list_id}/fields")
        if not isinstance(reply.body, list):
            raise self._not_understood("list fields", reply)
        return rows(reply.body)

    def contact(self, contact_id: str) -> Row:
        """Read one contact by its encrypted id, `EncContactId` [DOC GET-contacts-contactId]."""
        return self._row("read contact", f"/contacts/{segment(contact_id)}")

    def write_contact(
        self, list_id: int, values: Mapping[str, Value], *, match: Sequence[str], custom_events: Sequence[str] = ()
    ) -> Row:
        """Create the contact, or update ALL that equal it in every `match` field [DOC POST-…-contact].

        Raises:
            Refused: without a call, when a matched value is blank: it would hit everybody who lacks it.
        """
        path = f"/contactLists/{list_id}/contact"
        return self._post_matched("write contact", path, list_contact(list_id, values), match, custom_events)

    def _post_matched(
        self, operation: str, path: str, contact: Row, match: Sequence[str], custom_events: Sequence[str]
    ) -> Row:
        refuse_blank_match(contact.get("Values", {}), match)
        query = match_query(match, custom_events)
        reply = self.request(operation, "POST", path, query=query, body=contact)
        return as_row(json_reply(reply, operation).body)

    def _rows(self, operation: str, path: str, query: Query = ()) -> list[Row]:
        return rows(self._get(operation, path, query).body)

    def _row(self, operation: str, path: str) -> Row:
        return as_row(self._get(operation, path).body)

    def _get(self, operation: str, path: str, query: Query = ()) -> Reply:
        reply = self.request(operation, "GET", path, effect=Effect.READ, query=query)
        return json_reply(reply, operation, Unavailable)


def list_contact(list_id: int, values: Mapping[str, Value]) -> Row:
    """Return a contact as a write takes it."""
    # Path and body must name the same list: which of them wins is not documented.
    return {"ListId": list_id, "Values": dict(values)}


def match_query(match: Sequence[str], custom_events: Sequence[str]) -> list[tuple[str, str]]:
    """Return the query of a write that matches."""
    events = [("customevents", ",".join(custom_events))] if custom_events else []
    return [("match", ",".join(match)), *events]


def refuse_blank_match(values: Mapping[str, Any], match: Collection[str]) -> None:
    """Raise `Refused` unless every matched value says something: a blank one would hit all who lack it."""
    if not match or any(not str(values.get(name, "")).strip() for name in match):
        raise Refused(VENDOR, "match contacts", detail="a matched value is blank")


def json_reply(reply: Reply, operation: str, unknown: type[VendorError] = OutcomeUnknown) -> Reply:
    """Refuse an answer that is neither JSON nor empty: it is a log-in page or a proxy (assumed)."""
    if reply.body is None and not reply.empty and "json" not in reply.headers.get("content-type", ""):
        raise unknown(VENDOR, operation, status=reply.status, detail="the answer is not JSON")
    return reply
