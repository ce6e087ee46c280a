"""Pulse Engagement Cloud, simulated: contact search, create and update, and form submission.

Facts are the public overview of the API and the vendor's own WordPress plugin; the rest are switches.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from typing import Literal

from local.twins.messages import (
    Answer,
    Record,
    RefusedError,
    Request,
    html_answer,
    json_answer,
    redirect_answer,
    text_answer,
)
from local.twins.options import TwinOptions
from local.twins.pulse.rules import PLACE, SCALARS, address_of, addresses_of, check_contact, check_form, nested
from local.twins.server import Twin, route

FORM_UUID = "5b7a3c52-0c1e-4a52-9d7e-2f4f6f0f6a01"


@dataclass
class PulseOptions(TwinOptions):
    """What Pulse may do, as far as its public pages tell."""

    wrapper: Literal["items", "data", "contacts", "bare"] = "items"
    """What a search answer is wrapped in."""
    not_found: Literal["empty", "missing"] = "empty"
    """How a search without a hit is answered: 200 and an empty list, or 404."""
    page_size: int = 25
    paging: Literal["ignored", "page"] = "ignored"
    """Whether a search knows `page`; paging parameters are documented nowhere."""
    totals: Literal["none", "total", "meta"] = "none"
    """Whether a search answer tells how many hits there are, and where."""
    country: Literal["respelled", "as sent"] = "respelled"
    """Whether the country of a location is held as sent, or as the vendor's own spelling: `US` becomes `USA`."""
    indexes: Literal["display", "all"] = "display"
    """Which e-mail addresses the group `contact_display_email` holds."""
    put: Literal["merge", "replace"] = "merge"
    """What an update does with what it does not mention; arrays that it mentions are replaced either way."""
    email_without_id: Literal["adds", "refused"] = "adds"
    same_email: Literal["creates", "conflict"] = "creates"
    """What a create does with an address that a contact has already: a duplicate, or 409."""
    sub_ids: bool = True
    """Whether a search shows the ids of e-mails, without which they cannot be updated."""
    write_answer: Literal["record", "id", "text", "none"] = "record"
    failure_in_body: bool = False
    """Answer writes with 200 and a failure in the body, as the vendor's former interface did."""


class PulseTwin(Twin):
    """Simulates Pulse; accepts one account id and token, and knows the forms it is given (uuid → source)."""

    vendor = "pulse"
    title = "Pulse"
    summary = "Engagement Cloud: contacts and form submissions"
    options: PulseOptions

    def __init__(
        self,
        options: PulseOptions | None = None,
        account_id: str = "7d0c2f6e-1f3b-4f0e-8a35-0d6c9c1f0001",
        api_token: str = "c3a1d5f0-52e4-4b62-9b1c-7e5a4d2b0002",
        forms: Mapping[str, int] | None = None,
    ) -> None:
        self.account_id = account_id
        self.api_token = api_token
        self.forms = dict(forms or {FORM_UUID: 1})
        super().__init__(options or PulseOptions())

    def clear(self) -> None:
        """Hold nothing; ids of contacts and of their parts come from different ranges."""
        self._held: dict[str, Record] = {}
        self._contact_ids, self._part_ids = count(70001), count(1001)
        self._latest = 0

    def all_contacts(self) -> list[Record]:
        """Return all contacts, hidden test contacts too."""
        return list(self._held.values())

    def seed(self, contact: Record) -> Record:
        """Take the body of a create."""
        return self._create(contact)

    def connection(self) -> Record:
        """Return base URL, account id and token."""
        return {"base_url": self.url, "account_id": self.account_id, "api_token": self.api_token}

    def authenticate(self, request: Request) -> None:
        """Check both headers: account id and token look alike, so swapping them is refused too."""
        given = request.headers.get("authorization"), request.headers.get("x-account")
        if given != (f"API-TOKEN {self.api_token}", self.account_id):
            raise RefusedError(401, "Unauthorized")

    def take_key(self, key: str) -> None:
        """Renew the token; the account stays."""
        self.api_token = key

    def unknown_path(self, request: Request) -> Answer:
        """Lead a wrong path, or the bare root, to the documentation: a follower finds HTML and 200."""
        return html_answer("API documentation") if request.path == "/docs" else redirect_answer("/docs")

    def correct_address(self, wrong: str, right: str) -> None:
        """Let somebody at the vendor correct an e-mail address."""
        with self.lock:
            for held in self._held.values():
                for each in held["emails"]:
                    if each["emailAddress"] == wrong:
                        each["emailAddress"] = right
                        self.index.put(held["id"], held)

    @route("GET", "/forms")
    def list_forms(self, _: Request) -> Answer:
        """List the account's forms; the vendor's plugin checks its credentials so."""
        return json_answer({"items": [{"uuid": uuid, "name": f"Form {uuid[:4]}"} for uuid in self.forms]})

    @route("GET", "/contacts/search")
    def search(self, request: Request) -> Answer:
        """Find, fuzzily, any contact whose display address or name holds the text, near misses first."""
        text = request.first("simpleSearch").strip().casefold()
        grouped = "contact_display_email" in request.query.get("groups[]", [])
        found = [each for each in self.index.as_of(self.options.search_lag) if grouped and self._is_hit(each, text)]
        found.sort(key=lambda each: text in addresses_of(each))
        for name, descending in _orders(request):
            found.sort(key=lambda each: str(each.get(name) or ""), reverse=descending)
        if not found and self.options.not_found == "missing":
            raise RefusedError(404, "No contact found")
        page = [self._shown(each, request) for each in self._page(found, request)]
        return json_answer(
            page if self.options.wrapper == "bare" else {self.options.wrapper: page, **self._total(found)}
        )

    @route("POST", "/contacts")
    def create(self, request: Request) -> Answer:
        """Create always, unless the account refuses an address twice."""
        given = request.record()
        check_contact(given, creating=True)
        taken = any(addresses_of(each) & addresses_of(given) for each in self._held.values())
        if taken and self.options.same_email == "conflict":
            raise RefusedError(409, "A contact with this email already exists")
        return self._written(lambda: self._create(given), HTTPStatus.CREATED)

    @route("PUT", "/contacts/{id}")
    def update(self, request: Request) -> Answer:
        """Update by contact id; e-mails are addressed by ids of their own."""
        held, given = self._held.get(request.args["id"]), request.record()
        if held is None:
            raise RefusedError(404, "Contact not found")
        check_contact(given, creating=False)
        self._check_email_ids(held, given)
        return self._written(lambda: self._update(held, given))

    @route("POST", "/forms/{uuid}/submit")
    def submit(self, request: Request) -> Answer:
        """Create or update by address; every call, also a repeat, fires the form's actions."""
        uuid, given = request.args["uuid"], request.record()
        if uuid not in self.forms:
            raise RefusedError(404, "Form not found")
        check_form(given)
        return self._written(lambda: self._submitted(uuid, given))

    def _submitted(self, uuid: str, flat: Record) -> Record:
        held = next((each for each in self._held.values() if address_of(flat) in addresses_of(each)), None)
        if held is None:
            held = self._create({"source": self.forms[uuid], **nested(flat, {})})
        else:
            held = self._update(held, nested(flat, held), replacing=False)
        self.fire("form_submission", held["id"], form=uuid)
        self.fire("form_action", held["id"], form=uuid)
        return held

    def _create(self, given: Record) -> Record:
        parts: Record = {"emails": [], "phones": [], "locations": [], "customFields": {}}
        held = {"id": next(self._contact_ids), "isTest": False, "createdAt": self._now(), **parts}
        self._held[str(held["id"])] = held
        return self._update(held, given, replacing=False)

    def _now(self) -> str:
        """Tell the time, never the same twice: contacts can be sorted by it."""
        self._latest = max(time.time_ns() // 1000, self._latest + 1)
        return f"{datetime.fromtimestamp(self._latest / 1_000_000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def _update(self, held: Record, given: Record, *, replacing: bool | None = None) -> Record:
        replacing = self.options.put == "replace" if replacing is None else replacing
        cleared = [name for name in SCALARS if replacing and name not in ("source", "isTest")]
        held |= {**dict.fromkeys(cleared), **{name: given[name] for name in SCALARS if name in given}}
        if "emails" in given or replacing:
            held["emails"] = self._emails(held["emails"], given.get("emails", []), replacing=replacing)
        for part in ("phones", "locations"):
            if part in given or replacing:
                held[part] = [self._part(each, part) for each in given.get(part, [])]
        held["customFields"] = {
            **({} if replacing else held["customFields"]),
            **given.get("customFields", {}),
        }
        self.index.put(held["id"], held)
        return held

    def _emails(self, held: list[Record], given: list[Record], *, replacing: bool) -> list[Record]:
        """Update the addressed ones and add those without an id; when replacing, all others go."""
        by_id: dict[int, Record] = {} if replacing else {each["id"]: each for each in held}
        for each in given:
            sub_id = each.get("id") or next(self._part_ids)
            known: Record = {name: each[name] for name in ("emailAddress", "isSubscribed") if name in each}
            by_id[sub_id] = {"id": sub_id, "isSubscribed": False, **by_id.get(sub_id, {}), **known}
            by_id[sub_id]["isSubscribed"] = bool(by_id[sub_id]["isSubscribed"])
        return list(by_id.values())

    def _part(self, given: Record, part: str) -> Record:
        flags = ("isPhoneSubscribed", "isSmsSubscribed", "isFax") if part == "phones" else ()
        kept = {name: given[name] for name in (("phone",) if part == "phones" else PLACE) if name in given}
        if self.options.country == "respelled" and str(kept.get("country")).upper() == "US":
            kept["country"] = "USA"
        # a scripting language's truth, since the vendor's plugin sends "1" and "": the text "false" is true
        return {
            "id": given.get("id") or next(self._part_ids),
            **kept,
            **{flag: bool(given.get(flag)) for flag in flags},
        }

    def _check_email_ids(self, held: Record, given: Record) -> None:
        for each in given.get("emails", []):
            if "id" not in each and self.options.email_without_id == "refused":
                raise RefusedError(422, "emails.id is required")
            if "id" in each and each["id"] not in [own["id"] for own in held["emails"]]:
                raise RefusedError(422, "emails.id does not belong to this contact")

    def _is_hit(self, contact: Record, text: str) -> bool:
        """Match parts of words, and the same local part at another domain; test contacts are hidden."""
        addresses = [each["emailAddress"] for each in contact["emails"]]
        shown = addresses if self.options.indexes == "all" else addresses[:1]
        words = " ".join([*shown, *(str(contact.get(part) or "") for part in ("firstName", "lastName"))]).casefold()
        local_part = text.partition("@")[0] + "@"
        return not contact["isTest"] and (text in words or ("@" in text and local_part in words))

    def _shown(self, contact: Record, request: Request) -> Record:
        wanted = request.query.get("fields[]")
        parts = ("emailAddress", "isSubscribed", *(("id",) if self.options.sub_ids else ()))
        emails = [{name: each[name] for name in parts} for each in contact["emails"]]
        return {name: value for name, value in {**contact, "emails": emails}.items() if not wanted or name in wanted}

    def _total(self, found: list[Record]) -> Record:
        told: Record = {"total": len(found)}
        return {"total": told, "meta": {"meta": told}}.get(self.options.totals, {})

    def _page(self, found: list[Record], request: Request) -> list[Record]:
        number = max(request.whole("page", 1), 1) if self.options.paging == "page" else 1
        return found[self.options.page_size * (number - 1) : self.options.page_size * number]

    def _written(self, write: Callable[[], Record], status: int = HTTPStatus.OK) -> Answer:
        if self.options.failure_in_body:
            return json_answer({"code": 1, "messages": ["The contact could not be saved"], "body": None})
        held = write()
        if self.options.write_answer == "none":
            return Answer(HTTPStatus.NO_CONTENT, committed=True)
        if self.options.write_answer == "text":
            return text_answer("OK", status, committed=True)
        whole = self.options.write_answer == "record"
        return json_answer(held if whole else {"id": held["id"]}, status, committed=True)


def _orders(request: Request) -> Iterator[tuple[str, bool]]:
    """Yield the `sort[]` fields and whether each descends, least important first, since sorting is stable."""
    for value in reversed(request.query.get("sort[]", [])):
        name, _, order = value.partition(":")
        yield name, order.upper() == "DESC"
