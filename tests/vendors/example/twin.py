"""Mailroom, simulated: what CONTRIBUTING.md, "Add a vendor", calls a twin."""

from __future__ import annotations

from itertools import count

from local.twins.messages import Answer, Record, RefusedError, Request, json_answer
from local.twins.options import TwinOptions
from local.twins.server import Twin, route

MEMBERS = ("email", "firstName", "lastName", "company", "newsletter", "mailbox", "tags", "fields")


class MailroomTwin(Twin):
    """Simulates Mailroom; accepts one key."""

    vendor = "mailroom"
    title = "Mailroom"
    summary = "An example: contacts with a newsletter"

    def __init__(self, options: TwinOptions | None = None, api_key: str = "mr-0a1b2c3d") -> None:
        self.api_key = api_key
        super().__init__(options or TwinOptions())

    def clear(self) -> None:
        """Hold nothing."""
        self._held: dict[str, Record] = {}
        self._ids = count(101)

    def all_contacts(self) -> list[Record]:
        """Return all contacts."""
        return list(self._held.values())

    def seed(self, contact: Record) -> Record:
        """Take the body of a create, unchecked."""
        return self._put({"id": f"c{next(self._ids)}", "newsletter": False, "tags": [], "fields": {}}, contact)

    def connection(self) -> Record:
        """Return base URL and key."""
        return {"base_url": self.url, "api_key": self.api_key}

    def authenticate(self, request: Request) -> None:
        """Check the bearer key."""
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise RefusedError(401, "Unauthorized")

    def take_key(self, key: str) -> None:
        """Renew the key."""
        self.api_key = key

    @route("GET", "/account")
    def account(self, _: Request) -> Answer:
        """Tell whose key it is."""
        return json_answer({"name": "Example"})

    @route("GET", "/contacts")
    def find(self, request: Request) -> Answer:
        """Find, not exactly: every address that holds the text, near misses first."""
        text = request.first("email").casefold()
        found = [each for each in self.index.as_of(self.options.search_lag) if text in each["email"].casefold()]
        found.sort(key=lambda each: each["email"].casefold() == text)
        return json_answer({"contacts": found})

    @route("POST", "/contacts")
    def create(self, request: Request) -> Answer:
        """Create always: an address that is there already makes a second contact."""
        given = _checked(request.record())
        if not given.get("email"):
            raise RefusedError(422, "email is required")
        return json_answer(self.seed(given), 201, committed=True)

    @route("GET", "/contacts/{id}")
    def read(self, request: Request) -> Answer:
        """Read one contact, at once and without the index."""
        return json_answer(self._named(request))

    @route("PATCH", "/contacts/{id}")
    def change(self, request: Request) -> Answer:
        """Change what is named, `tags` as a whole list, and keep the rest."""
        return json_answer(self._put(self._named(request), _checked(request.record())), committed=True)

    def _named(self, request: Request) -> Record:
        if request.args["id"] not in self._held:
            raise RefusedError(404, "Not found")
        return self._held[request.args["id"]]

    def _put(self, held: Record, given: Record) -> Record:
        fields = {**held.get("fields", {}), **given.get("fields", {})}
        changed = {**held, **given, "fields": fields}
        self._held[changed["id"]] = changed
        self.index.put(changed["id"], changed)
        return changed


def _checked(given: Record) -> Record:
    if unknown := given.keys() - set(MEMBERS):
        raise RefusedError(422, f"unknown member {min(unknown)}")
    return given
