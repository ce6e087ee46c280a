"""Whautomate, simulated: contacts with phone, location, stage and tags; tags start the customer's automations.

Facts are the vendor's REST reference and published connectors; the rest are switches.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from local.twins.messages import Answer, Record, RefusedError, Request, json_answer
from local.twins.options import TwinOptions
from local.twins.server import Twin, route

LOCATION_ID = "66f0c0ffee00000000000001"
STAGES = (
    "Subscriber",
    "Lead",
    "Marketing qualified lead (MQL)",
    "Sales qualified lead (SQL)",
    "Opportunity",
    "Customer",
    "Evangelist",
    "Other",
)
_DEFAULTS: Record = {"stage": "Subscriber", "notes": "", "customFields": {}, "tags": [], "location": None}


@dataclass
class WhautomateOptions(TwinOptions):
    """What Whautomate may do, as far as its public pages tell."""

    phone_stored: Literal["plus", "bare"] = "plus"
    """Whether a number keeps its + when it is stored and answered."""
    same_phone: Literal["creates", "conflict", "exists"] = "creates"
    """What a create does with a number that a contact has: a duplicate, 409, or 400 "already exists"."""
    tag_calls: Literal["ok", "missing", "refused"] = "ok"
    """Whether tags/add and tags/remove work, or answer 404 or 400."""
    new_tags: Literal["created", "refused"] = "created"
    """What happens to a tag that the account does not know."""
    page_cap: int = 100
    """The most rows of a page, whatever `limit` says."""
    default_limit: int = 20
    paging: Literal["page", "ignored"] = "page"
    """Whether `page` is understood, or every page is the first one again."""


class WhautomateTwin(Twin):
    """Simulates Whautomate; accepts one key and knows the locations it is given (id → title)."""

    vendor = "whautomate"
    title = "Whautomate"
    summary = "Contacts, stages and tags"
    options: WhautomateOptions

    def __init__(
        self,
        options: WhautomateOptions | None = None,
        api_key: str = "wh-9f8e7d6c5b4a",
        locations: dict[str, str] | None = None,
        tags: tuple[str, ...] = ("Newsletter",),
    ) -> None:
        self.api_key = api_key
        self.locations = locations or {LOCATION_ID: "Main street"}
        self._given_tags = tags
        super().__init__(options or WhautomateOptions())

    def clear(self) -> None:
        """Hold nothing but the account's tags."""
        self._held: dict[str, Record] = {}
        self._others: dict[str, list[Record]] = {"clients": [], "webhooks": []}
        self.tags = set(self._given_tags)
        self._ids = count(1)

    def all_contacts(self) -> list[Record]:
        """Return all contacts."""
        return list(self._held.values())

    def seed(self, contact: Record) -> Record:
        """Take the body of a create, unchecked."""
        return self._put(self._new_id(), {"phoneNumber": "", **_DEFAULTS, **contact})

    def connection(self) -> Record:
        """Return base URL and key."""
        return {"base_url": self.url, "api_key": self.api_key}

    def authenticate(self, request: Request) -> None:
        """Answer a wrong key as the gateway in front of such services does."""
        if request.headers.get("x-api-key") != self.api_key:
            raise RefusedError(403, "Forbidden")

    def take_key(self, key: str) -> None:
        """Renew the key."""
        self.api_key = key

    @route("GET", "/v1/account-info")
    def account(self, _: Request) -> Answer:
        """Tell the account; good for checking a key."""
        return json_answer({"id": "account-1", "name": "Example"})

    @route("GET", "/v1/contacts")
    def search(self, request: Request) -> Answer:
        """Find by parts of names and numbers; a bare page without total, newest first, so that pages shift."""
        text = request.first("searchText").casefold().strip()
        found = [each for each in self.index.as_of(self.options.search_lag) if _is_hit(each, text, request)]
        found.reverse()
        found.sort(key=lambda each: text in (each["phoneNumber"], each["name"].casefold()))
        limit = min(max(request.whole("limit", self.options.default_limit), 1), self.options.page_cap)
        number = max(request.whole("page", 1), 1) if self.options.paging == "page" else 1
        start = limit * (number - 1)
        return json_answer(found[start : start + limit])

    @route("POST", "/v1/contacts")
    def create(self, request: Request) -> Answer:
        """Create, never update: a number that is there already makes a second contact; a sent id is ignored."""
        given = self._checked(request.record())
        if not given.get("location"):
            raise RefusedError(400, "location is required")
        self._refuse_same_phone(given)
        held = self._put(self._new_id(), {**_DEFAULTS, **given})
        self.fire("contact_created", held["id"])
        self._announce(held, held["tags"])
        return json_answer(held, committed=True)

    @route("GET", "/v1/contacts/{id}")
    def read(self, request: Request) -> Answer:
        """Read one contact, at once and without the index."""
        return json_answer(self._find(request))

    @route("PUT", "/v1/contacts/{id}")
    def update(self, request: Request) -> Answer:
        """Replace the whole contact: notes, tags, fields, location and stage that are left out are lost."""
        held, given = self._find(request), self._checked(request.record())
        before = set(held["tags"])
        held = self._put(held["id"], {**_DEFAULTS, **given})
        self._announce(held, [tag for tag in held["tags"] if tag not in before])
        return json_answer(held, committed=True)

    @route("DELETE", "/v1/contacts/{id}")
    def delete(self, request: Request) -> Answer:
        """Delete for good."""
        contact_id = self._find(request)["id"]
        del self._held[contact_id]
        self.index.remove(contact_id)
        return json_answer({"success": True}, committed=True)

    @route("POST", "/v1/contacts/{id}/tags/add")
    def add_tags(self, request: Request) -> Answer:
        """Add tags; one that the contact has already starts its automation again."""
        held, tags = self._find(request), self._tags(request.record())
        self._announce(held, tags)
        return self._tagged(held, [*held["tags"], *(tag for tag in tags if tag not in held["tags"])])

    @route("POST", "/v1/contacts/{id}/tags/remove")
    def remove_tags(self, request: Request) -> Answer:
        """Take tags away."""
        held, tags = self._find(request), self._tags(request.record())
        for tag in tags:
            self.fire("contact_tag_removed", held["id"], tag=tag)
        return self._tagged(held, [tag for tag in held["tags"] if tag not in tags])

    @route("GET", "/v1/locations")
    def list_locations(self, _: Request) -> Answer:
        """List the account's locations."""
        return json_answer([{"id": number, "title": title} for number, title in self.locations.items()])

    @route("GET", "/v1/locations/{id}")
    def location(self, request: Request) -> Answer:
        """Read one location."""
        return json_answer(self._location({"id": request.args["id"]}))

    @route("GET", "/v1/contactTags")
    def list_tags(self, _: Request) -> Answer:
        """List the tags that the account knows."""
        return json_answer([{"name": tag} for tag in sorted(self.tags)])

    @route("POST", "/v1/contactTags")
    def new_tag(self, request: Request) -> Answer:
        """Make a tag known."""
        self.tags.add(str(request.record().get("name") or ""))
        return json_answer({"success": True}, committed=True)

    @route("POST", "/v1/(?P<kind>clients|webhooks)")
    def new_other(self, request: Request) -> Answer:
        """Create a client (a separate entity, not a contact) or a webhook."""
        given = request.record()
        needed = ("fullName", "primaryLocation") if request.args["kind"] == "clients" else ("name", "serverUrl")
        if not all(given.get(name) for name in needed):
            raise RefusedError(400, f"{' and '.join(needed)} are required")
        other = {**given, "id": self._new_id()}
        self._others[request.args["kind"]].append(other)
        return json_answer(other, committed=True)

    @route("GET", "/v1/(?P<kind>clients|webhooks)")
    def list_others(self, request: Request) -> Answer:
        """List clients or webhooks."""
        return json_answer(self._others[request.args["kind"]])

    @route("DELETE", "/v1/(?P<kind>clients|webhooks)/{id}")
    def delete_other(self, request: Request) -> Answer:
        """Remove a client or a webhook."""
        others = self._others[request.args["kind"]]
        left = [each for each in others if each["id"] != request.args["id"]]
        if left == others:
            raise RefusedError(404, "Not found")
        self._others[request.args["kind"]] = left
        return json_answer({"success": True}, committed=True)

    def _checked(self, given: Record) -> Record:
        for name in ("name", "phoneNumber"):
            if not isinstance(given.get(name), str) or not given[name].strip():
                raise RefusedError(400, f"{name} is required")
        if not _digits(given["phoneNumber"]):
            raise RefusedError(400, "phoneNumber is invalid")
        if given.get("stage", "Subscriber") not in STAGES:
            raise RefusedError(400, "stage is invalid")
        kinds: dict[str, type] = {"customFields": dict, "tags": list, "notes": str}
        if any(not isinstance(given[name], kind) for name, kind in kinds.items() if name in given):
            raise RefusedError(400, "customFields, tags or notes is of the wrong type")
        location = {"location": self._location(given["location"])} if given.get("location") else {}
        self._know(given.get("tags", []))
        return {name: given[name] for name in ("name", "phoneNumber", *_DEFAULTS) if name in given} | location

    def _location(self, given: Any) -> Record:
        number = given.get("id") if isinstance(given, dict) else None
        if number not in self.locations:
            raise RefusedError(404, "Location not found")
        return {"id": number, "title": self.locations[number]}

    def _know(self, tags: list[str]) -> None:
        if self.options.new_tags == "refused" and not self.tags.issuperset(tags):
            raise RefusedError(400, "Unknown tag")
        self.tags.update(tags)

    def _tags(self, given: Record) -> list[str]:
        if self.options.tag_calls == "missing":
            raise RefusedError(404, "Not Found")
        tags = given.get("tags")
        if self.options.tag_calls == "refused" or not isinstance(tags, list) or not tags:
            raise RefusedError(400, "tags are required")
        self._know(tags)
        return tags

    def _tagged(self, held: Record, tags: list[str]) -> Answer:
        self._put(held["id"], {**held, "tags": tags})
        return json_answer({"id": held["id"], "tags": tags}, committed=True)

    def _refuse_same_phone(self, given: Record) -> None:
        taken = _digits(given["phoneNumber"]) in {_digits(each["phoneNumber"]) for each in self._held.values()}
        refusals = {"conflict": (409, "Conflict"), "exists": (400, "Contact with this phone number already exists")}
        if taken and self.options.same_phone in refusals:
            raise RefusedError(*refusals[self.options.same_phone])

    def _put(self, contact_id: str, contact: Record) -> Record:
        phone: Callable[[str], str] = _digits if self.options.phone_stored == "bare" else str
        held = {**contact, "id": contact_id, "phoneNumber": phone(contact["phoneNumber"])}
        self._held[contact_id] = held
        self.index.put(contact_id, held)
        return held

    def _find(self, request: Request) -> Record:
        if request.args["id"] not in self._held:
            raise RefusedError(404, "Contact not found")
        return self._held[request.args["id"]]

    def _announce(self, held: Record, tags: list[str]) -> None:
        for tag in tags:
            self.fire("contact_tag_added", held["id"], tag=tag)

    def _new_id(self) -> str:
        return f"66f0{next(self._ids):020x}"


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())


def _is_hit(contact: Record, text: str, request: Request) -> bool:
    """Match parts of the text as it is stored: a + finds nothing where numbers are stored without it."""
    tags, location = request.first("tags"), request.first("locationId")
    return (
        (text in contact["name"].casefold() or text in contact["phoneNumber"])
        and (not tags or not set(tags.split(",")).isdisjoint(contact["tags"]))
        and (not location or (contact["location"] or {}).get("id") == location)
    )
