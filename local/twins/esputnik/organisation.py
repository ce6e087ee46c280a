"""The eSputnik twin's organisation: its key, its segments, its events and what is unsubscribed from it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from local.twins.esputnik.contacts import ContactBook
from local.twins.esputnik.imports import Imports
from local.twins.esputnik.rules import RateLimit, Repeats, check_names
from local.twins.messages import Answer, Record, RefusedError, Request, json_answer, text_answer
from local.twins.options import TwinOptions
from local.twins.server import Twin, route

V1 = "(?:/api)?/v1"  # the base URL is printed with and without the version in it
_MOST_MEMBERS = 500


@dataclass
class EsputnikOptions(TwinOptions):
    """What eSputnik may do, as far as its public pages tell."""

    duplicate_window: float = 60.0
    """Seconds in which the same request again is refused with 409."""
    duplicate_by: Literal["body", "contact"] = "body"
    """What makes two requests the same."""
    post: Literal["upserts", "creates"] = "upserts"
    """What a single contact's POST does with a known channel; an earlier edition always created."""
    put: Literal["replace", "merge"] = "replace"
    """What PUT does with what it does not mention."""
    names: Literal["checked", "any"] = "checked"
    """Whether a name with symbols or digits is refused."""
    postcode: Literal["any", "number"] = "any"
    """Whether a postcode must be a number up to 999999, as a client of the old reference has it."""
    sms: Literal["digits", "plus"] = "digits"
    """Whether a leading + is refused; otherwise it is stored, as another number."""
    rate_limit: int = 200
    """Calls a second to subscribe and to bulk, each."""
    import_seconds: float = 0.2
    """How long an import takes."""
    fresh_import: Literal["shown", "missing"] = "shown"
    """Whether the status of an import that has not begun is 404."""
    single_import_id: bool = False
    """Whether a bulk call with one contact is worked on at once and answers a real id."""
    longest_page: int = 500
    """Rows of a listing's page at most, whatever was asked for."""
    error_message: str = ""
    """An `errorMessage` with which bulk calls fail while answering 200."""


class Organisation(Twin):
    """The part of eSputnik that is not about single contacts."""

    options: EsputnikOptions

    def __init__(
        self, options: EsputnikOptions | None = None, api_key: str = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    ) -> None:
        self.api_key = api_key
        super().__init__(options or EsputnikOptions())

    def clear(self) -> None:
        """Hold nothing."""
        self.book = ContactBook(self.index)
        self.imports = Imports(self.book, self.fire)
        self.repeats = Repeats()
        self.rates = {"subscribe": RateLimit(), "bulk": RateLimit()}

    def connection(self) -> Record:
        """Return base URL, key and a user name."""
        return {"base_url": f"{self.url}/api", "api_key": self.api_key, "username": "signup-relay"}

    def authenticate(self, request: Request) -> None:
        """Check the password of Basic authentication; also the media type, and what time has brought."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            password = base64.b64decode(credentials, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            password = ""
        if scheme.lower() != "basic" or password != self.api_key:
            raise RefusedError(401, "Unauthorized")
        if request.body and not request.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(415, "Unsupported Media Type")
        self.imports.run_due(self.options.import_seconds)

    def take_key(self, key: str) -> None:
        """Renew the key."""
        self.api_key = key

    def refusal(self, status: int, message: str) -> Answer:
        """Put errors as plain text."""
        return text_answer(message, status)

    @route("GET", f"{V1}/account/info")
    def account(self, _: Request) -> Answer:
        """Tell the organisation; the vendor's connector checks its key so."""
        return json_answer({"orgId": 4242, "userEmail": "owner@example.com", "organisationName": "Example"})

    @route("GET", f"{V1}/groups")
    def segments(self, request: Request) -> Answer:
        """List the segments."""
        found = [
            each for each in self.book.segments.values() if request.first("name").casefold() in each["name"].casefold()
        ]
        return json_answer(self.page(request, found))

    @route("GET", f"{V1}/group/{{id}}/contacts")
    def segment_members(self, request: Request) -> Answer:
        """List the members of a segment."""
        held = [self.book.contacts[each] for each in sorted(self.book.members[self._segment(request)])]
        return json_answer([self.book.view(each) for each in self.page(request, held)])

    @route("POST", f"{V1}/group/{{id}}/contacts/attach")
    def attach(self, request: Request) -> Answer:
        """Put up to 500 contacts into a segment."""
        self.book.members[self._segment(request)].update(self._meant(request) or [])
        return text_answer("Contacts were attached", committed=True)

    @route("POST", f"{V1}/group/{{id}}/contacts/detach")
    def detach(self, request: Request) -> Answer:
        """Take up to 500 contacts out of a segment; no ids at all take everybody out."""
        members, meant = self.book.members[self._segment(request)], self._meant(request)
        members.difference_update(meant or set(members))
        return text_answer("Contacts were detached", committed=True)

    @route("GET", f"{V1}/contact/{{id}}/subscriptions")
    def subscriptions(self, request: Request) -> Answer:
        """Read a contact's subscription categories."""
        return json_answer(self.book.held(request.args["id"])["subscriptions"])

    @route("PUT", f"{V1}/contact/{{id}}/subscriptions")
    def set_subscriptions(self, request: Request) -> Answer:
        """Replace a contact's subscription categories."""
        self.book.held(request.args["id"])["subscriptions"] = check_names(request.json(), "subscriptions")
        return text_answer("Subscriptions were updated", committed=True)

    @route("POST", f"{V1}/emails/unsubscribed/(?P<change>add|delete)")
    def unsubscribed(self, request: Request) -> Answer:
        """Unsubscribe addresses in the whole organisation, or take that back."""
        emails = {name.casefold() for name in check_names(request.record().get("emails"), "emails")}
        change = (
            self.book.unsubscribed.update
            if request.args["change"] == "add"
            else self.book.unsubscribed.difference_update
        )
        change(emails)
        return Answer(committed=True)

    @route("POST", "(?:/api)?/v[123]/event")
    def event(self, request: Request) -> Answer:
        """Launch an event; without a key or a contact's parameter it is refused."""
        given = request.record()
        params = {each["name"]: each["value"] for each in given.get("params") or []}
        keys = ("contactId", "externalCustomerId", "email", "phone", "pushToken")
        key = given.get("keyValue") or next((params[name] for name in keys if params.get(name)), None)
        if not given.get("eventTypeKey") or not key:
            raise RefusedError(400, "eventTypeKey and keyValue are required")
        self.fire(str(given["eventTypeKey"]), params.get("contactId"), key=key, **params)
        return Answer(committed=True)

    @route("GET", f"{V1}/(?:addressbooks|additionalfields)")
    def address_books(self, _: Request) -> Answer:
        """Show the custom fields' ids: those that contacts hold."""
        held = chain.from_iterable(each["fields"] for each in self.book.contacts.values())
        fields = [{"id": number, "name": f"Field {number}"} for number in sorted({each["id"] for each in held})]
        group = {"name": "Custom", "profileKey": "CUSTOM", "fields": fields}
        return json_answer({"addressBook": {"addressBookId": 1, "name": "Main", "fieldGroups": [group]}})

    def join(self, held: Record, names: list[str]) -> None:
        """Put a contact into segments, which are made on demand."""
        for name in names:
            self.book.members[self.book.segment(name)].add(held["id"])

    def page(self, request: Request, rows: Sequence[Record]) -> list[Record]:
        """Return the rows that a listing was asked for."""
        start = max(request.whole("startindex", 1), 1) - 1
        size = min(request.whole("maxrows", 500), self.options.longest_page)
        return list(rows[start : start + size])

    def _segment(self, request: Request) -> int:
        number = int(request.args["id"]) if request.args["id"].isdigit() else 0
        if number not in self.book.segments:
            raise RefusedError(404, "Segment not found")
        return number

    def _meant(self, request: Request) -> set[int]:
        """Read the ids of an attach or detach: internal or external ones, not both."""
        given = request.record() if request.body else {}
        internal, external = given.get("contactIds") or [], given.get("externalCustomerIds") or []
        if (internal and external) or len(internal) + len(external) > _MOST_MEMBERS:
            raise RefusedError(400, f"Give up to {_MOST_MEMBERS} ids of one kind")
        owners = {each["externalCustomerId"]: each["id"] for each in self.book.contacts.values()}
        known = {*internal, *(owners.get(each) for each in external)} & self.book.contacts.keys()
        if (internal or external) and not known:
            raise RefusedError(400, "Contacts not found")
        return known
