"""Whautomate: a contact found by its phone number, then created or updated whole; tags start automations.

Sources as in `whautomate_client.py`: [seed] the vendor's reference; [PD], [MC] connectors. Else "assumed".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Ambiguous, Misconfigured, NotFound, Refused, Unauthorized
from shared.http import VendorHttp
from shared.vendors.exact import digits, the_one
from shared.vendors.flows import Created, upsert
from shared.vendors.json_body import Row, as_text, present
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task
from shared.vendors.whautomate_client import PAGE_ROWS, VENDOR, WhautomateClient, WhautomateConnection

Stage = Literal[
    "Subscriber",
    "Lead",
    "Marketing qualified lead (MQL)",
    "Sales qualified lead (SQL)",
    "Opportunity",
    "Customer",
    "Evangelist",
    "Other",
]
"""Spelled exactly so [PD]; only the first is in the vendor's own reference."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class UpsertOptions(Options):
    """`action = "upsert"`."""

    location_id: Text
    """Required in practice, though missing from the vendor's list of required members [PD][MC]."""
    stage: Stage = "Subscriber"
    """For new contacts only: the stage of a known one is never lowered."""
    tag_max_length: Annotated[int, Field(gt=0)] = 50
    """Limits are not documented (assumed)."""
    tags: tuple[Text, ...] = ()
    """From configuration only: whether a new name makes a new tag is not documented."""
    email_custom_field: Text | None = None
    """Where the e-mail address goes: a contact has no member for it [seed]."""
    name_max_length: Annotated[int, Field(gt=0)] = 100
    """Limits are not documented (assumed)."""
    search_pages: Annotated[int, Field(gt=0)] = 4
    """Pages of near misses after which the search is given up."""

    @field_validator("tags")
    @classmethod
    def _short_enough(cls, tags: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        longest = info.data.get("tag_max_length", 50)
        if any(len(tag) > longest for tag in tags):
            raise ValueError(f"a tag has at most {longest} characters")
        return tags

    def requires(self) -> tuple[Requirement, ...]:
        """A phone number: without one there is no contact, and none is ever invented."""
        return (frozenset({"phone"}),)

    def identity(self, contact: Contact) -> Identity:
        """The phone number."""
        return {"phone": contact.phone} if contact.phone else {}


class WhautomateUpsert:
    """Search by phone, exact digits, then create, or read, merge and write back whole.

    WhatsApp consent has no member here [seed]: it is proven by our own consent receipt.
    """

    def __init__(self, options: UpsertOptions, client: WhautomateClient, host: str) -> None:
        self._options = options
        self._client = client
        self._host = host

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """See `shared.vendors.flows.upsert`."""
        try:
            return upsert(_Lookup(self._options, self._client, task, memory), task, memory)
        except Unauthorized as error:
            detail = f"the key, or the region of {self._host}, is wrong"
            raise Unauthorized(VENDOR, error.operation, status=error.status, detail=detail) from None
        except NotFound as error:
            detail = f"the path, or the region of {self._host}, is wrong"
            raise Misconfigured(VENDOR, error.operation, status=error.status, detail=detail) from None


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(self, options: UpsertOptions, client: WhautomateClient, task: Task, memory: Memory) -> None:
        self._options = options
        self._client = client
        self._task = task
        self._memory = memory
        self._phone = task.contact.phone or ""
        self._left_out: set[str] = set()

    def find(self) -> Row | None:
        """Search for the number with its + and, where that finds nobody, for its bare digits."""
        for text in (self._phone, digits(self._phone)):
            if exact := self._search(text):
                return the_one(VENDOR, exact, self._memory.contact_id)
        return None

    def _search(self, text: str) -> list[Row]:
        """Return the exact matches of all pages; the order of rows is not documented, nor the longest page."""
        exact: list[Row] = []
        seen: set[object] = set()
        for page in range(1, self._options.search_pages + 1):
            hits = self._client.search_contacts(text, page=page)
            fresh = [hit for hit in hits if hit.get("id") not in seen]
            exact += [hit for hit in fresh if self._is_wanted(hit)]
            seen |= {hit.get("id") for hit in fresh}
            if len(hits) < PAGE_ROWS and (exact or not fresh):
                return exact
            if not fresh:
                break  # a full page once more: `page` is not heeded, and more may follow
        if not exact:
            raise Ambiguous(VENDOR, "search contacts", detail="pages of near misses without an end")
        return exact

    def _is_wanted(self, contact: Row) -> bool:
        # Whether the + is stored is not documented, so digits are compared, all of them.
        return digits(contact.get("phoneNumber")) == digits(self._phone)

    def recall(self, contact_id: str, details: Row) -> Row | None:
        """Read the contact that memory knows: the search may lag, reading by id does not."""
        try:
            contact = self._client.get_contact(contact_id)
        except NotFound:
            return None
        return contact if self._is_wanted(contact) else None

    def id_of(self, found: Row) -> str:
        """Whautomate's contact id."""
        return str(found["id"])

    def create(self) -> Created:
        """Send the whole contact, tags included; an id is the vendor's to give."""
        options = self._options
        contact = present(
            {
                **self._carried({}),
                "name": self._name(""),
                "stage": options.stage,
                "customFields": self._custom_fields(),
                "tags": list(options.tags),
            }
        )
        contact_id = self._client.add_contact(contact).get("id")
        return Created(str(contact_id) if contact_id else None, receipt=Receipt(tuple(self._left_out)))

    def update(self, found: Row) -> Receipt:
        """Read, merge, write whole, and add the tags that are not there yet."""
        contact_id = self.id_of(found)
        held = self._client.get_contact(contact_id)
        carried = self._carried(held)
        custom = {**carried.get("customFields", {}), **self._custom_fields()}
        merged = present({**carried, "name": self._name(held.get("name") or ""), "customFields": custom})
        if merged != carried:
            self._client.update_contact(contact_id, merged)
        tags = merged.get("tags", [])
        missing = [tag for tag in self._options.tags if tag not in tags]
        if missing and not self._add_tags(contact_id, missing):
            self._client.update_contact(contact_id, {**merged, "tags": [*tags, *missing]})
        return Receipt(tuple(self._left_out))

    def _add_tags(self, contact_id: str, missing: list[str]) -> bool:
        """Add tags without touching the rest; False when the call is not there, or does not show them."""
        try:
            return set(missing) <= set(self._client.add_tags(contact_id, missing))
        except (Refused, NotFound):
            return False

    def _carried(self, held: Row) -> Row:
        """Return what a write must repeat of what is held: a PUT without it may erase it [PD]."""
        location = held.get("location") or {}
        kept = {name: held.get(name) for name in ("name", "stage", "notes", "customFields", "tags", "channel")}
        return present(
            {
                **kept,
                "phoneNumber": self._phone,  # E.164 with + [PD]
                "location": {"id": location.get("id") or self._options.location_id},  # no `title` [PD]
            }
        )

    def _name(self, held: str) -> str:
        """Return the name to write; it is required [seed], so a company or the number itself stands in for it.

        A held name gives way to a whole one only: "Ann" must not erase the other half of "Ann Lee".
        """
        contact = self._task.contact
        given = " ".join(filter(None, (contact.first_name, contact.last_name)))
        if not held or digits(held) == digits(self._phone):
            return self._capped(given or contact.company or held or self._phone)
        whole = contact.first_name and contact.last_name
        return self._capped(given) if given and (whole or " " not in held.strip()) else held

    def _capped(self, name: str) -> str:
        longest = self._options.name_max_length
        if len(name) > longest:
            self._left_out.add("name")
        return name[:longest].rstrip()

    def _custom_fields(self) -> dict[str, str]:
        """Return the custom fields as texts: the types that they take are not documented (assumed)."""
        email, field = self._task.contact.email, self._options.email_custom_field
        mail = {field: email} if field and email else {}
        return {**mail, **{str(name): as_text(value) for name, value in self._task.custom.items()}}


def _upsert(
    options: UpsertOptions, connection: WhautomateConnection, http: VendorHttp, deadline: Deadline
) -> WhautomateUpsert:
    return WhautomateUpsert(options, WhautomateClient(http, connection, deadline), connection.host)


def _probe(connection: WhautomateConnection, http: VendorHttp, deadline: Deadline) -> None:
    WhautomateClient(http, connection, deadline).account_info()


def _erase(
    connection: WhautomateConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    client = WhautomateClient(http, connection, deadline)
    try:
        theirs = is_theirs(f"+{digits(client.get_contact(contact_id).get('phoneNumber'))}")
        if theirs:
            client.delete_contact(contact_id)
    except NotFound:
        return False
    return theirs


ACTIONS = (ActionSpec(VENDOR, "upsert", UpsertOptions, WhautomateConnection, _upsert, probe=_probe, erase=_erase),)
