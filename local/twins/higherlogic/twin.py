"""Higher Logic's Push API v2, simulated: whole records by `ContactId`, and membership of marketing lists.

Facts are the vendor's support articles; the rest are switches. There is nothing to read with: look under `/_twin`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from local.twins.higherlogic.schema import NOT_IN_ESSENTIALS, read_contact
from local.twins.messages import Answer, Record, RefusedError, Request, json_answer
from local.twins.options import TwinOptions
from local.twins.server import Twin, route

V2 = "(?:/v2)?"  # the base URL is printed with the version in it


@dataclass
class HigherLogicOptions(TwinOptions):
    """What Higher Logic may do, as far as its public pages tell."""

    community_essentials: bool = False
    """Refuse what Community Essentials does not support."""
    add_mode: Literal["both", "Append", "Add"] = "both"
    """Which spelling of the add mode is known: prose and sample of one article differ."""
    unknown_ids: Literal["tolerated", "refused"] = "tolerated"
    """What a list does with ids that no contact has."""
    ingest_seconds: float = 0.0
    """How long after a push the lists know a contact; until then they refuse it."""
    batch: Literal["atomic", "partial"] = "atomic"
    """Whether the elements before a bad one are kept."""
    email_required: bool = False
    undelete: bool = True
    """Whether pushing a deleted contact again brings it back."""
    success_flag: Literal["none", "true", "false"] = "none"
    """A `success` member in the body of 200; with "false" nothing is committed."""


class HigherLogicTwin(Twin):
    """Simulates Higher Logic; the header that carries the key is named `ApiKey` unless told otherwise."""

    vendor = "higherlogic"
    title = "Higher Logic"
    summary = "Push API v2: contact records and lists"
    options: HigherLogicOptions

    def __init__(
        self,
        options: HigherLogicOptions | None = None,
        api_key: str = "hl-2b1d9c7e-tenant",
        api_key_header: str = "ApiKey",
    ) -> None:
        self.api_key = api_key
        self.api_key_header = api_key_header
        super().__init__(options or HigherLogicOptions())

    def clear(self) -> None:
        """Hold nothing."""
        self._held: dict[str, Record] = {}
        self._pushed_at: dict[str, float] = {}
        self.lists: dict[str, Record] = {}
        self._references: dict[str, dict[str, Record]] = {"meeting": {}, "product": {}}

    def all_contacts(self) -> list[Record]:
        """Return all records, deleted ones too, each with the ids of its lists."""
        return [{**each, "Lists": self._lists_of(number)} for number, each in self._held.items()]

    def seed(self, contact: Record) -> Record:
        """Take one element of a `/contactinfo` body, or the bare `ContactDetails`."""
        record = contact if "ContactDetails" in contact else {"ContactDetails": contact}
        self._replace(read_contact(record, email_required=False))
        return record

    def opt_out(self, email: str) -> None:
        """Let a person opt out at the vendor."""
        with self.lock:
            for held in self._held.values():
                if held["ContactDetails"].get("PrimaryEmailAddress") == email:
                    held["ContactDetails"]["DoNotEmail"] = True

    def connection(self) -> Record:
        """Return base URL, key and the header that carries it."""
        return {"base_url": f"{self.url}/v2", "api_key": self.api_key, "api_key_header": self.api_key_header}

    def take_key(self, key: str) -> None:
        """Renew the key; its header stays."""
        self.api_key = key

    def authenticate(self, request: Request) -> None:
        """Check the key, then the two content types that are allowed."""
        if request.headers.get(self.api_key_header.lower()) != self.api_key:
            raise RefusedError(401, "The API Key is not valid.")
        if request.headers.get("content-type", "").partition(";")[0].strip() not in ("application/json", "text/json"):
            raise RefusedError(415, "Unsupported Media Type")

    @route("POST", f"{V2}/contactinfo")
    def contact_info(self, request: Request) -> Answer:
        """Replace whole records: members and groups that are left out are gone."""
        return self._each(request, self._read_contact, self._replace)

    @route("POST", f"{V2}/list")
    def list_members(self, request: Request) -> Answer:
        """Add to lists, remove from them, or replace all their members; Replace with no ids empties a list."""
        if self.options.community_essentials:
            raise RefusedError(400, "Lists are not supported")
        return self._each(request, self._read_list, self._change_list)

    @route("POST", f"{V2}/(?P<kind>meeting|product)")
    def reference(self, request: Request) -> Answer:
        """Keep meetings and products by their ids."""
        if self.options.community_essentials:
            raise RefusedError(400, "Meetings and products are not supported")
        kind = request.args["kind"].lower()
        key = f"{kind.capitalize()}Id"

        def read(given: Any) -> Record:
            if not isinstance(given, dict) or not given.get(key):
                raise RefusedError(400, f"{key} is required")
            return given

        return self._each(request, read, lambda given: self._references[kind].update({given[key]: given}))

    def _each(self, request: Request, read: Callable[[Any], Record], write: Callable[[Record], None]) -> Answer:
        """Take an array only, also for one element; read all before writing any, unless batches are partial."""
        given = request.json()
        if not isinstance(given, list) or not given:
            raise RefusedError(400, "The request body must be an array")
        if self.options.success_flag == "false":
            return json_answer({"success": False, "errorMessage": "The data could not be processed"})
        if self.options.batch == "atomic":
            for element in [read(each) for each in given]:
                write(element)
        else:
            for each in given:
                write(read(each))
        if self.options.success_flag == "true":
            return json_answer({"success": True}, committed=True)
        return Answer(committed=True)  # the body of a success is not documented

    def _read_contact(self, given: Any) -> Record:
        record = read_contact(given, email_required=self.options.email_required)
        refused = [name for name in NOT_IN_ESSENTIALS if name in given]
        if self.options.community_essentials and refused:
            raise RefusedError(400, f"{refused[0]} is not supported")
        held = self._held.get(record["ContactDetails"]["ContactId"])
        if held and held["ContactDetails"]["IsDeleted"] and not self.options.undelete:
            raise RefusedError(400, "The contact is deleted")
        return record

    def _replace(self, record: Record) -> None:
        number = record["ContactDetails"]["ContactId"]
        held = self._held.get(number)
        if held and record["ContactDetails"]["IsDeleted"]:
            held["ContactDetails"]["IsDeleted"] = True  # "Soft delete": the rest stays
            self.fire("deleted", number)
            return
        before = _group_ids(held) if held else set()
        self._held[number] = record
        self._pushed_at.setdefault(number, time.monotonic())
        for group in sorted(_group_ids(record) ^ before):
            self.fire("group_joined" if group not in before else "group_left", number, group=group)

    def _read_list(self, given: Any) -> Record:
        known = {"both": ("Append", "Add")}.get(self.options.add_mode, (self.options.add_mode,))
        if not isinstance(given, dict) or not given.get("ListId") or not isinstance(given["ListId"], str):
            raise RefusedError(400, "ListId is required")
        if given.get("Mode") not in (*known, "Remove", "Replace"):
            raise RefusedError(400, "Mode is not valid")
        ids = given.get("ContactIds")
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise RefusedError(400, "ContactIds must be an array of strings")
        if any(
            time.monotonic() < self._pushed_at[each] + self.options.ingest_seconds for each in ids if each in self._held
        ):
            raise RefusedError(400, "ContactIds holds a contact that is not processed yet")
        if self.options.unknown_ids == "refused" and not self._held.keys() >= set(ids):
            raise RefusedError(400, "ContactIds holds an unknown contact")
        return given

    def _change_list(self, given: Record) -> None:
        number, ids = given["ListId"], set(given["ContactIds"])
        held = self.lists.setdefault(number, {"ListName": None, "ListType": None, "ContactIds": set()})
        held |= {name: given[name] for name in ("ListName", "ListType") if given.get(name)}
        before = held["ContactIds"]
        after = {"Replace": ids, "Remove": before - ids}.get(given["Mode"], before | ids)
        held["ContactIds"] = after
        for contact in sorted(before ^ after):
            self.fire("list_joined" if contact in after else "list_left", contact, list=number)

    def _lists_of(self, number: str) -> list[str]:
        return [list_id for list_id, each in self.lists.items() if number in each["ContactIds"]]


def _group_ids(record: Record) -> set[str]:
    return {str(group["GroupId"]) for group in record["Groups"]}
