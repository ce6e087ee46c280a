"""The Which50 twin's account: its credentials, its lists, and the one way in which contacts are written."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal

from local.twins.messages import Answer, Record, RefusedError, Request, html_answer, json_answer, redirect_answer
from local.twins.options import TwinOptions
from local.twins.server import Twin
from local.twins.which50.lists import ContactList

ROOT = "(?:/Which50API)?"  # the pages print `~/…`, the application's root


@dataclass
class Which50Options(TwinOptions):
    """What Which50 may do, as far as its public pages tell."""

    unknown_fields: Literal["refused", "ignored"] = "refused"
    """What a write does with names that the list does not have: 417, or nothing."""
    invalid_values: Literal["warned", "refused"] = "warned"
    """What a write does with an invalid value: drop it with a warning in a 200, or 417."""
    list_id: Literal["refused", "path", "body"] = "refused"
    """Which list counts when path and body differ."""
    patch_nobody: Literal["missing", "ok"] = "missing"
    """How a PATCH that matches nobody is answered: 404 or 200."""
    write_answer: Literal["contact", "empty"] = "contact"
    failure_in_body: bool = False
    """Answer writes with 200 and .NET's own failure in the body; nothing is written."""
    logged_out: Literal["json", "redirect"] = "json"
    """How missing credentials are answered: 401, or 302 to a login page."""
    import_seconds: float = 0.2
    """How long a started import job takes."""


class Account(Twin):
    """One customer's lists and credentials."""

    vendor = "which50"
    title = "Which50"
    summary = "CustomerMinds: contact lists, custom events, import jobs"
    options: Which50Options

    def __init__(
        self,
        options: Which50Options | None = None,
        headers: Mapping[str, str] | None = None,
        username: str = "relay",
        password: str = "w50-5f4e3d2c",
        lists: Sequence[ContactList] | None = None,
    ) -> None:
        self.headers = dict(headers or {"X-Api-Key": "w50-0a1b2c3d"})
        self.username, self.password = username, password
        self.lists = {each.number: each for each in lists or [ContactList()]}
        super().__init__(options or Which50Options())

    def clear(self) -> None:
        """Hold nothing; the lists and their fields stay."""
        self.lists = {number: replace(each, contacts={}) for number, each in self.lists.items()}
        self.devices: list[Record] = []
        self.files: dict[str, bytes] = {}
        self.webhooks: dict[str, Record] = {}

    def all_contacts(self) -> list[Record]:
        """Return the contacts of all lists."""
        return [contact for each in self.lists.values() for contact in each.contacts.values()]

    def seed(self, contact: Record) -> Record:
        """Take a contact object; without `ListId` it goes to the first list."""
        return self.lists[contact.get("ListId") or min(self.lists)].add(contact["Values"])

    def connection(self) -> Record:
        """Return base URL and the headers that authenticate; user name and password do as well."""
        return {"base_url": f"{self.url}/Which50API", "headers": self.headers}

    def take_key(self, key: str) -> None:
        """Renew what every header carries; the password stays."""
        self.headers = dict.fromkeys(self.headers, key)

    def authenticate(self, request: Request) -> None:
        """Take the configured headers or Basic authentication; refuse the Expect header as IIS may."""
        basic = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        by_headers = all(request.headers.get(name.lower()) == value for name, value in self.headers.items())
        if not by_headers and request.headers.get("authorization") != f"Basic {basic}":
            raise RefusedError(401, "Authorization has been denied for this request.")
        if "expect" in request.headers:
            raise RefusedError(417, "Expectation Failed")

    def refusal(self, status: int, message: str) -> Answer:
        """Put errors as ASP.NET does; a missing login may lead to a page that answers 200."""
        if status == HTTPStatus.UNAUTHORIZED and self.options.logged_out == "redirect":
            return redirect_answer("/Account/Login")
        return json_answer({"Message": message}, status)

    def unknown_path(self, request: Request) -> Answer:
        """Show the login page under its own path."""
        return html_answer("Log in") if request.path == "/Account/Login" else super().unknown_path(request)

    def list_of(self, request: Request) -> ContactList:
        """Return the list named in the path, or raise RefusedError (404)."""
        number = request.args["list"]
        if not number.isdigit() or int(number) not in self.lists:
            raise RefusedError(404, "Contact list not found")
        return self.lists[int(number)]

    def chosen(self, owner: ContactList, given: Record) -> ContactList:
        """Return the list that a write means when path and body may differ."""
        number = given.get("ListId") or owner.number
        if number == owner.number or self.options.list_id == "path":
            return owner
        if self.options.list_id == "refused" or number not in self.lists:
            raise RefusedError(417, "ListId does not match")
        return self.lists[number]

    def checked(self, owner: ContactList, values: Record) -> tuple[Record, list[str]]:
        """Return the values that are kept and the warnings about others; raise RefusedError (417)."""
        fields = {name: owner.named(name) for name in values}
        unknown = [name for name, field in fields.items() if field is None]
        if unknown and self.options.unknown_fields == "refused":
            raise RefusedError(417, f"Unknown field {unknown[0]}")
        blamed = {name: field.warning(values[name]) for name, field in fields.items() if field and values[name]}
        warnings = [text for text in blamed.values() if text]
        if warnings and self.options.invalid_values == "refused":
            raise RefusedError(417, warnings[0])
        kept = {name: value for name, value in values.items() if fields[name] and not blamed.get(name)}
        return kept, warnings

    def write(self, owner: ContactList, given: Record, match: Sequence[str]) -> tuple[list[Record], list[str]]:
        """Update all that match, else create; without `match` create always."""
        values = values_in(given)
        kept, warnings = self.checked(owner, values)
        held = owner.matching(values, match) if match else []
        for each in held:
            each["Values"] |= kept
        return held or [owner.add(kept)], warnings

    def fire_custom(self, request: Request, written: Sequence[Record]) -> None:
        """Run the custom events of a write, for each contact that was written, every time."""
        for name in names_in(request.first("customevents")):
            for each in written:
                self.fire(name, each["EncContactId"])

    def written(self, contacts: Sequence[Record], warnings: list[str]) -> Answer:
        """Answer a write: 200 for create and update alike."""
        if self.options.write_answer == "empty":
            return Answer(committed=True)
        return json_answer({**contacts[0], "ValidationWarnings": warnings}, committed=True)


def names_in(text: str) -> list[str]:
    """Split a comma-separated parameter."""
    return [name.strip() for name in text.split(",") if name.strip()]


def values_in(given: Record) -> Record:
    """Find `Values` as .NET binds it: whatever its case."""
    found = next((value for name, value in given.items() if name.casefold() == "values"), None)
    if not isinstance(found, dict):
        raise RefusedError(417, "Values is required")
    return found
