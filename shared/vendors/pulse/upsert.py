"""Pulse: a contact looked up by its e-mail address, then created or updated.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
What neither says is marked "assumed" where it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.errors import Ambiguous, TryLater
from shared.person_record import PersonRecord
from shared.vendors.flows import Created, upsert
from shared.vendors.matching import the_one
from shared.vendors.payload import Row, present, rows
from shared.vendors.protocol import DeliveryRequest, Receipt
from shared.vendors.pulse.client import VENDOR, PulseClient
from shared.vendors.pulse.contact import PERSON, PulseContact, granted
from shared.vendors.pulse.options import UpsertOptions
from shared.vendors.pulse.record import (
    MEMBERS,
    echo,
    emails_of,
    has_email,
    is_address,
    is_recent,
    last_write,
    shows_last_write,
    with_entry,
)


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

    def __init__(self, options: UpsertOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: DeliveryRequest, memory: PersonRecord) -> Receipt:
        """See `shared.vendors.flows.upsert`."""
        return upsert(_Lookup(self._options, self._client, task, memory), task, memory)


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(
        self, options: UpsertOptions, client: PulseClient, task: DeliveryRequest, memory: PersonRecord
    ) -> None:
        self._options = options
        self._client = client
        self._task = task
        self._memory = memory
        self._contact = PulseContact(task.contact, options.international_phones, options.contact_type)
        self._is_lagging = is_recent(memory.memory, task)

    def find(self) -> _Found | None:
        """Keep exact matches only; of several take the remembered, else the oldest, and never make another."""
        hits = self._client.search_contacts(self._contact.email)
        exact = [hit for hit in hits if has_email(hit, self._contact.email)]
        if exact:
            return self._seen(the_one(VENDOR, exact, self._memory.contact_id))
        if len(hits) >= self._options.search_page_size:
            raise Ambiguous(VENDOR, "search contacts", detail="a full page of near misses")
        if any(not emails_of(hit) and "emails" not in hit for hit in hits):
            raise Ambiguous(VENDOR, "search contacts", detail="a hit that does not show its e-mail address")
        return None

    def recall(self, contact_id: str) -> _Found | None:
        """The contact as we created it; the search may lag, and test contacts are never found [seed]."""
        email_id = self._memory.memory.email_id
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
        email_ids = (email.get("id") for email in rows(record.get("emails")) if is_address(email, contact.email))
        return Created(
            contact_id=str(record["id"]) if record.get("id") is not None else None,
            memory=last_write(body, self._task, next(email_ids, None)),
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
            self._memory.memory = last_write(body, self._task, self._memory.memory.email_id)
        return Receipt((*self._contact.left_out, *left_out))

    def _seen(self, hit: Row) -> _Found:
        lists = {name: echo(hit.get(name), members) for name, members in MEMBERS.items()}
        shown = {name: entries for name, entries in lists.items() if entries is not None}
        self._is_lagging = self._is_lagging and not shows_last_write(hit, self._memory.memory)
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
        calls = {**granted("isPhoneSubscribed", "call" in channels), **granted("isSmsSubscribed", "sms" in channels)}
        return {
            "emails": {"emailAddress": contact.email, **granted("isSubscribed", "email" in channels)},
            "phones": {"phone": contact.phone, **calls} if contact.phone else {},
            "locations": contact.place,
        }

    def _merged_lists(self, found: _Found) -> tuple[dict[str, list[Row]], list[str]]:
        """Return the arrays, each whole or not at all, and which of them could not take their entry."""
        lists: dict[str, list[Row]] = {}
        left_out = []
        for name, entry in self._entries().items():
            held = found.lists.get(name)
            whole = None if held is None else with_entry(held, entry)
            # Of a contact that we just wrote, only addresses and their ids are sure to be as the search shows them.
            is_sure = name == "emails" or not self._is_lagging
            if whole is not None and is_sure:
                lists[name] = whole
            # The address alone is no loss: it is what the contact was found by.
            elif entry.keys() - {"emailAddress"} and (whole is None or whole != held):
                self._wait_for_search()
                left_out.append(name)
        return lists, left_out

    def _wait_for_search(self) -> None:
        if self._is_lagging:
            wait = self._task.search_lag
            raise TryLater(VENDOR, "update contact", retry_after=wait, detail="the search does not show it yet")
