"""eSputnik / Yespo: subscribe a form's contact, which launches the vendor's workflow event; or upsert a confirmed one.

Sources: [seed] "API Methods for Adding Contacts"; [SUB] docs.esputnik.com/reference/subscribecontact-1;
[CONTACT] yespo.io/api/el_ns0_contactUpdate.html; [SHOP], [WOO] the vendor's own connectors Yespo-CDP/yespo-shopify and
yespo-woocommerce; [YII], [PROD] other people's clients. What none of them says is marked "assumed".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Refused, RepeatSoon, TryLater
from shared.http import VendorHttp
from shared.submission import digest
from shared.vendors.esputnik_client import VENDOR, ESputnikClient, ESputnikConnection
from shared.vendors.esputnik_contact import accepted, contact_body, merged, spelled_plainly, without_postcode
from shared.vendors.esputnik_import import Import
from shared.vendors.esputnik_search import PAGE_SIZE, ContactFinder, all_pages
from shared.vendors.exact import digits
from shared.vendors.flows import CREATE, Created, sent_once, upsert
from shared.vendors.json_body import Row, present, rows
from shared.vendors.protocol import ActionSpec, Attempt, Identity, Memory, Options, Receipt, Requirement, Task

REPEAT_WINDOW_SECONDS = 60
"""The same request within a minute is answered 409 [SUB]; how sameness is computed is not documented."""

SAFE_REPEAT_SECONDS = 40
"""How soon a repeat must be sent to arrive inside that window for certain: a call may last 20 seconds."""

FormType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
"""The vendor forbids quotes, brackets and punctuation [SUB]; letters, digits, hyphen and underscore are safe."""

ChannelName = Annotated[Literal["email", "phone"], BeforeValidator(lambda name: "phone" if name == "sms" else name)]
"""`sms` is the vendor's own word for a phone's channel [CONTACT]; both will do."""

SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ESputnikOptions(Options):
    """What both actions share. Groups come from configuration only: an unknown name makes a new segment [SUB]."""

    groups: tuple[SegmentName, ...] = ()
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1)] | None = None
    """Default: the e-mail alone, the phone only without an e-mail: a shared phone would match another person."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address or a phone, whichever channels are configured."""
        return (frozenset(self.channels or ("email", "phone")),)

    def identity(self, contact: Contact) -> Identity:
        """The first channel that will be sent."""
        for kind in self.channels or ("email", "phone"):
            value = getattr(contact, kind)
            if value:
                return {kind: value}
        return {}

    def sent_channels(self, contact: Contact) -> list[Row]:
        """The `channels` of the vendor's contact, what identifies it first; a phone as digits with country code."""
        kinds: tuple[str, ...] = self.channels or tuple(self.identity(contact))
        values = {"email": ("email", contact.email), "phone": ("sms", digits(contact.phone))}  # [seed][WOO]
        return [{"type": kind, "value": value} for kind, value in map(values.__getitem__, kinds) if value]


class SubscribeOptions(ESputnikOptions):
    """`action = "subscribe"`."""

    form_type: FormType | None = None
    subscriptions: tuple[SegmentName, ...] = ()


class UpsertOptions(ESputnikOptions):
    """`action = "upsert"`. It makes CONFIRMED contacts: for people who have opted in elsewhere [seed]."""


SUBSCRIBE = "subscribe"


class ESputnikSubscribe:
    """`contact/subscribe`: an atomic upsert of an unconfirmed contact that fires an event on every call [seed]."""

    def __init__(self, options: SubscribeOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Subscribe; after a lost answer repeat within the minute, or look whether it got through."""
        contact, bad = contact_body(task, self._options.sent_channels(task.contact))
        left_out = list(bad)
        request = self._request(contact)
        # By what was said, not by which sign-up: one sent again after a crash is the same request to the vendor.
        said = digest(json.dumps(request, sort_keys=True))
        lost = memory.attempted(SUBSCRIBE, said)
        in_window = lost is not None and _in_window(lost, task.now)
        if lost is not None and not in_window and self._got_through(request, lost, said, task, memory):
            memory.settle(SUBSCRIBE, said)
        else:
            self._send(
                lambda: accepted(contact, lambda part: self._client.subscribe(self._request(part)), left_out),
                said,
                memory,
                repeat_is_known=in_window and not _was_another_accepted(task, memory),
            )
        memory.details = {"said": said, "at": task.now}
        return Receipt(tuple(left_out))

    def _request(self, contact: Row) -> Row:
        options = self._options
        return present(
            {
                "contact": contact,
                "groups": list(options.groups),
                "subscriptions": list(options.subscriptions),
                "formType": options.form_type,
            }
        )

    def _send(self, subscribe: Callable[[], int | None], key: str, memory: Memory, *, repeat_is_known: bool) -> None:
        try:
            contact_id = sent_once(memory, SUBSCRIBE, key, subscribe)
        except Conflict:
            if not repeat_is_known:
                # It may be an earlier request of this person, with other data: wait until its minute is over.
                raise _within_the_minute("subscribe contact") from None
            # The first try of this very request got through [SHOP]; the answer names no id.
            memory.settle(SUBSCRIBE, key)
        except OutcomeUnknown as error:
            if error.retry_after is not None:
                raise
            raise RepeatSoon(VENDOR, error.operation, status=error.status, detail=error.detail) from None
        else:
            memory.contact_id = str(contact_id) if contact_id else memory.contact_id

    def _got_through(self, request: Row, lost: Attempt, said: str, task: Task, memory: Memory) -> bool:
        """Whether all that we said stands there, unless we had said the same before: then it proves nothing."""
        if task.now < lost.at + task.search_lag:
            raise TryLater(VENDOR, "search contacts", retry_after=lost.at + task.search_lag - task.now)
        contact = {**(without_postcode(request["contact"]) or request["contact"])}
        channel, *_ = contact.pop("channels")  # those of an existing contact are not written [SUB]
        found = ContactFinder(self._client, channel).find(memory.contact_id)
        if found is None or memory.details.get("said") == said:
            return False
        memory.contact_id = str(found["id"])
        groups = {row.get("name") for row in rows(found.get("groups") or [])}
        joined = "groups" not in found or groups.issuperset(request.get("groups", []))
        return joined and spelled_plainly(merged(found, contact)[0]) == spelled_plainly(merged(found, {})[0])


def _in_window(lost: Attempt, now: float) -> bool:
    """Whether a repeat meets the vendor's minute; only the first repeat can know when that minute began."""
    return lost.count == 1 and now - lost.at < SAFE_REPEAT_SECONDS


def _was_another_accepted(task: Task, memory: Memory) -> bool:
    """Whether a 409 may mean another sign-up of this person, accepted within the minute."""
    at = memory.details.get("at")
    return isinstance(at, int | float) and task.now - at < REPEAT_WINDOW_SECONDS


def _within_the_minute(operation: str) -> TryLater:
    return TryLater(
        VENDOR,
        operation,
        retry_after=REPEAT_WINDOW_SECONDS + 1,
        detail="another request of this person within the minute",
    )


class ESputnikUpsert:
    """Search, compare exactly, then create or update a confirmed contact, then its segments; no event [seed]."""

    vendor = VENDOR

    def __init__(self, options: UpsertOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """See `shared.vendors.flows.upsert`. Safe to repeat from the start: joining a segment twice is joining it."""
        self._memory = memory
        self._contact, left_out = contact_body(task, self._options.sent_channels(task.contact))
        self._channel = self._contact["channels"][0]
        self._finder = ContactFinder(self._client, self._channel)
        segments = {name: self._segment_id(name) for name in self._options.groups}  # before anything is written
        receipt = upsert(self, task, memory)
        for name, segment_id in segments.items():
            self._join(task, name, segment_id)
        return Receipt((*left_out, *receipt.left_out))

    def find(self) -> Row | None:
        """The contact with exactly this channel, as it is now."""
        return self._finder.find(self._memory.contact_id)

    def recall(self, contact_id: str, details: Row) -> Row | None:
        """The remembered contact: the search may lag, reading by id does not (assumed)."""
        return self._finder.read(int(contact_id))

    def id_of(self, found: Row) -> str:
        """The vendor's contact id."""
        return str(found["id"])

    def create(self) -> Created:
        """Add the contact; `Conflict` when the same was sent within the minute and the contact stands there."""
        left_out: list[str] = []
        try:
            contact_id = accepted(self._contact, self._client.add_contact, left_out)
        except Conflict:
            if self.find() is None:
                # This 409 does not say that the contact exists: after the minute the same may be sent again.
                raise _within_the_minute("add contact") from None
            raise
        return Created(str(contact_id) if contact_id else None, receipt=Receipt(tuple(left_out)))

    def update(self, found: Row) -> Receipt:
        """Write the contact back whole, with ours merged in; nothing when all of it stands there already."""
        whole, left_out_channels = merged(found, self._contact)
        left_out = list(left_out_channels)
        if whole == merged(found, {})[0]:
            return Receipt(tuple(left_out))

        def send(contact: Row) -> None:
            self._client.update_contact(int(found["id"]), merged(found, contact)[0])

        try:
            accepted(self._contact, send, left_out)
        except Conflict:
            # Sent already, by us or with other data: look what stands there when the minute is over.
            raise _within_the_minute("update contact") from None
        return Receipt(tuple(left_out))

    def _segment_id(self, name: str) -> int | None:
        """Return a segment's id, None when there is none of this name: the search for names is not exact either."""
        found = all_pages("list segments", lambda start: self._client.list_segments(name, start=start, size=PAGE_SIZE))
        named = [row for row in found if row.get("name") == name and "id" in row]
        static = [row for row in named if row.get("type", "Static") == "Static"]
        if named and not static:
            raise Misconfigured(VENDOR, "attach contacts", detail="a group is a dynamic segment, which nobody can join")
        return int(static[0]["id"]) if static else None

    def _join(self, task: Task, name: str, segment_id: int | None) -> None:
        if segment_id is None:
            self._join_new(name)
        else:
            self._client.attach_contacts(segment_id, contact_ids=[self._contact_id(task)])

    def _contact_id(self, task: Task) -> int:
        """Return the contact's id, also where the answer to its creation did not say it."""
        if self._memory.contact_id is None:
            found = self.find()
            if found is None:
                raise TryLater(VENDOR, "find contact", retry_after=task.search_lag, detail="created, not found yet")
            self._memory.contact_id = self.id_of(found)
            self._memory.settle(CREATE)
        return int(self._memory.contact_id)

    def _join_new(self, name: str) -> None:
        """Join a segment that does not exist: only an import makes it [seed]; of the bare channel, as no id will do."""
        kind = self._channel["type"]
        settings = Import(kind, contact_fields=(kind,), custom_field_ids=(), group_names=(name,))
        try:
            result = self._client.import_contacts([{"channels": [self._channel]}], settings)
        except Conflict:
            return  # the same import was taken within the minute [SHOP]
        if result.failed:
            raise Refused(VENDOR, "import contacts", detail="the contact was refused")


def _subscribe(
    options: SubscribeOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikSubscribe:
    return ESputnikSubscribe(options, ESputnikClient(http, connection, deadline))


def _upsert(
    options: UpsertOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikUpsert:
    return ESputnikUpsert(options, ESputnikClient(http, connection, deadline))


def _probe(connection: ESputnikConnection, http: VendorHttp, deadline: Deadline) -> None:
    ESputnikClient(http, connection, deadline).account_info()


def _erase(
    connection: ESputnikConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    client = ESputnikClient(http, connection, deadline)
    try:
        channels = rows(client.read_contact(int(contact_id)).get("channels") or [])
    except NotFound:
        return False
    values = [
        str(row.get("value")) if row.get("type") == "email" else f"+{digits(row.get('value'))}" for row in channels
    ]
    return any(map(is_theirs, values)) and client.delete_contact(int(contact_id))


ACTIONS = (
    ActionSpec(
        VENDOR,
        "subscribe",
        SubscribeOptions,
        ESputnikConnection,
        _subscribe,
        custom_field=int,
        probe=_probe,
        erase=_erase,
    ),
    ActionSpec(
        VENDOR, "upsert", UpsertOptions, ESputnikConnection, _upsert, custom_field=int, probe=_probe, erase=_erase
    ),
)
