"""Pulse Engagement Cloud: contact upsert and form submission.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1;
[PY] a public Python client of the form API. What none of them says is marked "assumed" where it is decided.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Ambiguous, TryLater
from shared.http import VendorHttp
from shared.submission import digest
from shared.vendors.exact import digits, same_email, the_one
from shared.vendors.flows import Created, sent_once, upsert
from shared.vendors.json_body import Row, present, rows
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task
from shared.vendors.pulse_client import VENDOR, PulseClient, PulseConnection
from shared.vendors.pulse_contact import PERSON, PLACE, PulseContact


class PulseOptions(Options):
    """What both Pulse actions share."""

    is_test: bool = False
    """Mark the contact as a test: excluded from reports and hidden from search [seed]."""
    international_phones: bool = False
    """Send numbers outside +1 as digits with country code; else they are left out, as the plugin refuses them."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address: it is what Pulse looks a contact up by."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}


class UpsertOptions(PulseOptions):
    """`action = "upsert"`."""

    source: Annotated[int, Field(strict=True)]
    """Issued by Pulse; may differ between staging and production [seed]."""
    contact_type: str | None = None
    """`HCP`, `Patient`, …; used on create where the form says nothing."""
    search_page_size: Annotated[int, Field(gt=1)] = 10
    """So many near misses, none exact, may be a full page that hides the contact (assumed: no page tells of paging)."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A contact at Pulse. What the search does not show, or shows too late to be trusted, is missing here."""

    id: str
    lists: dict[str, list[Row]]
    """`emails`, `phones`, `locations`: every entry with its id and without consent flags."""
    person: Row = field(default_factory=dict)
    custom: Row = field(default_factory=dict)


class PulseUpsert:
    """Search by e-mail, exact match, then create or update [seed]."""

    vendor = VENDOR

    def __init__(self, options: UpsertOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """See `shared.vendors.flows.upsert`."""
        self._task, self._memory = task, memory
        self._is_lagging = _is_recent(memory.details, task)
        self._contact = PulseContact(task.contact, self._options.international_phones, self._options.contact_type)
        return upsert(self, task, memory)

    def find(self) -> _Found | None:
        """Keep exact matches only; of several take the remembered, else the oldest, and never make another."""
        hits = self._client.search_contacts(self._contact.email)
        exact = [hit for hit in hits if _has_email(hit, self._contact.email)]
        if exact:
            return self._seen(the_one(VENDOR, exact, self._memory.contact_id))
        if len(hits) >= self._options.search_page_size:
            raise Ambiguous(VENDOR, "search contacts", detail="a full page of near misses")
        if any(not _emails(hit) and "emails" not in hit for hit in hits):
            raise Ambiguous(VENDOR, "search contacts", detail="a hit that does not show its e-mail address")
        return None

    def recall(self, contact_id: str, details: Row) -> _Found | None:
        """The contact as we created it; the search may lag, and test contacts are never found [seed]."""
        email_id = details.get("email_id")
        return _Found(
            contact_id, {"emails": [{"id": email_id, "emailAddress": self._contact.email}]} if email_id else {}
        )

    def id_of(self, found: _Found) -> str:
        """Pulse's contact id."""
        return found.id

    def create(self) -> Created:
        """Send the whole contact; consent flags only where consent was given."""
        contact = self._contact
        lists = {name: [entry] for name, entry in self._entries().items() if entry}
        body = present(
            {
                "contactType": self._options.contact_type,
                **contact.person,
                "source": self._options.source,
                "isTest": self._options.is_test,
                **lists,
                "customFields": dict(self._task.custom),
            }
        )
        record = self._client.create_contact(body)
        email_ids = (email.get("id") for email in rows(record.get("emails")) if _is(email, contact.email))
        return Created(
            contact_id=str(record["id"]) if record.get("id") is not None else None,
            details=present({"email_id": next(email_ids, None), **_last_write(body, self._task)}),
            receipt=Receipt(tuple(contact.left_out)),
        )

    def update(self, found: _Found) -> Receipt:
        """Write what was given and repeat what is held: no page says whether PUT merges or replaces."""
        lists, left_out = self._merged_lists(found)
        person = {**found.person, **self._contact.person}
        custom = {**found.custom, **{str(name): value for name, value in self._task.custom.items()}}
        if (person, custom, lists) != (found.person, found.custom, {name: found.lists[name] for name in lists}):
            body = present({**person, **lists, "customFields": custom})
            self._client.update_contact(found.id, body)
            self._memory.details = {**self._memory.details, **_last_write(body, self._task)}
        return Receipt((*self._contact.left_out, *left_out))

    def _seen(self, hit: Row) -> _Found:
        lists = {name: _echo(hit.get(name), members) for name, members in _MEMBERS.items()}
        shown = {name: entries for name, entries in lists.items() if entries is not None}
        self._is_lagging = self._is_lagging and not _shows_last_write(hit, self._memory.details)
        if self._is_lagging:
            # Repeating what the search shows could undo our own last write.
            return _Found(str(hit["id"]), shown)
        custom = hit.get("customFields")
        person = {name: hit[name] for name in PERSON.values() if isinstance(hit.get(name), str) and hit[name]}
        return _Found(str(hit["id"]), shown, person, present(custom) if isinstance(custom, dict) else {})

    def _entries(self) -> dict[str, Row]:
        """Return the entry of each list that this sign-up supplies; consent flags only where consent was given."""
        contact, channels = self._contact, self._task.channels
        # `isPhoneSubscribed` is calls, `isSmsSubscribed` is texts [seed].
        calls = {**_flag("isPhoneSubscribed", "call" in channels), **_flag("isSmsSubscribed", "sms" in channels)}
        return {
            "emails": {"emailAddress": contact.email, **_flag("isSubscribed", "email" in channels)},
            "phones": {"phone": contact.phone, **calls} if contact.phone else {},
            "locations": contact.place,
        }

    def _merged_lists(self, found: _Found) -> tuple[dict[str, list[Row]], list[str]]:
        """Return the arrays, each whole or not at all, and which of them could not take their entry."""
        lists: dict[str, list[Row]] = {}
        left_out = []
        for name, entry in self._entries().items():
            held = found.lists.get(name)
            merged = None if held is None else _with(held, entry)
            # Of a contact that we just wrote, only addresses and their ids are sure to be as the search shows them.
            is_sure = name == "emails" or not self._is_lagging
            if merged is not None and is_sure:
                lists[name] = merged
            elif entry.keys() - {"emailAddress"} and (merged is None or merged != held):
                self._wait_for_search()
                left_out.append(name)
        return lists, left_out

    def _wait_for_search(self) -> None:
        if self._is_lagging:
            wait = self._task.search_lag
            raise TryLater(VENDOR, "update contact", retry_after=wait, detail="the search does not show it yet")


def _last_write(body: Row, task: Task) -> Row:
    """Return what is remembered of a write, so that a search can be told to show it or not: no value, a digest."""
    names = sorted(body.keys() - {"source", "isTest"})
    return {"written_at": task.now, "written": names, "digest": _digest_of(body, names)}


def _is_recent(details: Row, task: Task) -> bool:
    """Whether our last write is so fresh that the search may not show it yet."""
    return bool(task.now < details.get("written_at", float("-inf")) + task.search_lag)


def _shows_last_write(hit: Row, details: Row) -> bool:
    return _digest_of(hit, details.get("written", ())) == details.get("digest")


def _digest_of(record: Row, names: Sequence[str]) -> str:
    """Return a digest of the named members; of entries only what was typed counts, not ids and flags."""

    def typed(name: str) -> Any:
        value = record.get(name)
        if name not in _MEMBERS:
            return value
        members = [member for member in _MEMBERS[name] if member not in {"id", "isFax"}]
        return sorted(json.dumps([entry.get(member) for member in members]) for entry in rows(value))

    return digest(json.dumps({name: typed(name) for name in names}, sort_keys=True))


def _flag(name: str, granted: bool) -> Row:
    return {name: True} if granted else {}


_MEMBERS = {
    "emails": ("id", "emailAddress"),
    "phones": ("id", "phone", "isFax"),
    "locations": ("id", *PLACE.values()),
}
"""What is repeated of an entry [seed]. No consent flag is: the search may lag, and an echo would undo an opt-out."""


def _echo(entries: Any, members: Sequence[str]) -> list[Row] | None:
    """Return a held array for repeating; None without every id: an entry without one would be added again [seed]."""
    held = [present({name: entry.get(name) for name in members}) for entry in rows(entries)]
    return held if isinstance(entries, list) and all("id" in entry for entry in held) else None


def _with(held: list[Row], entry: Row) -> list[Row] | None:
    """Return the array with `entry` merged in; None for the consent of an e-mail that is not among the held ones.

    Without its record id Pulse may add that e-mail a second time [seed].
    """
    index = next((i for i, row in enumerate(held) if _is_same(row, entry)), None)
    if index is not None:
        return [{**entry, **row} if i == index else row for i, row in enumerate(held)]
    if "emailAddress" in entry:
        return held if len(entry) == 1 else None
    return [*held, entry] if entry else held


def _is_same(row: Row, entry: Row) -> bool:
    if "emailAddress" in entry:
        return _is(row, entry["emailAddress"])
    if "phone" in entry:
        return digits(row.get("phone"))[-10:] == digits(entry["phone"])[-10:]
    return bool(entry) and all(row.get(name) == value for name, value in entry.items())


def _is(row: Row, email: str) -> bool:
    return same_email(row.get("emailAddress"), email)


def _has_email(hit: Row, email: str) -> bool:
    return any(same_email(held, email) for held in _emails(hit))


def _emails(hit: Row) -> list[str]:
    own = [hit.get(name) for name in ("emailAddress", "email", "contact_display_email")]
    listed = [row.get("emailAddress") for row in rows(hit.get("emails"))]
    return [email for email in (*own, *listed) if isinstance(email, str) and email.strip()]


class SubmitFormOptions(PulseOptions):
    """`action = "submit_form"`."""

    form_uuid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    """The form's `uuid`, as `GET /forms` lists it [WP]."""


MAX_SUBMITS = 3
"""A submission whose answer was lost is repeated a few times only: its actions, e-mails among them, may repeat too."""


class PulseSubmitForm:
    """Form Submission API: the vendor's recommended way for sign-up forms since 2024-03-06 [seed]."""

    def __init__(self, options: SubmitFormOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Submit one flat object [WP]; the nested dialect of the contact API would be ignored silently."""
        contact = PulseContact(task.contact, self._options.international_phones)
        flags = {
            **_flag("emailIsSubscribed", "email" in task.channels),
            **_flag("phoneIsCallSubscribed", "call" in task.channels and contact.phone is not None),
            **_flag("phoneIsSmsSubscribed", "sms" in task.channels and contact.phone is not None),
            **_flag("isTest", self._options.is_test),  # [PY]
        }
        fields = present(
            {
                "emailAddress": contact.email,
                **contact.person,
                **contact.place,
                "phone": contact.phone,
                **flags,
                "customFields": dict(task.custom),
            }
        )
        body_digest = digest(json.dumps([task.submission_id, fields], sort_keys=True))
        lost = memory.attempted("submit", body_digest)
        if lost is not None and lost.count >= MAX_SUBMITS:
            raise Ambiguous(VENDOR, "submit form", detail=f"no answer to {MAX_SUBMITS} submissions")
        sent_once(memory, "submit", body_digest, lambda: self._client.submit_form(self._options.form_uuid, fields))
        return Receipt(tuple(contact.left_out))


def _probe(connection: PulseConnection, http: VendorHttp, deadline: Deadline) -> None:
    PulseClient(http, connection, deadline).list_forms()


def _upsert(options: UpsertOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline) -> PulseUpsert:
    return PulseUpsert(options, PulseClient(http, connection, deadline))


def _submit_form(
    options: SubmitFormOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline
) -> PulseSubmitForm:
    return PulseSubmitForm(options, PulseClient(http, connection, deadline))


ACTIONS = (
    ActionSpec(VENDOR, "upsert", UpsertOptions, PulseConnection, _upsert, probe=_probe),
    ActionSpec(VENDOR, "submit_form", SubmitFormOptions, PulseConnection, _submit_form, probe=_probe),
)
