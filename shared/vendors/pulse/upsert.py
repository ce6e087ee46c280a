"""Pulse: a contact looked up by its e-mail address, then created or updated.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
What neither says is marked "assumed" where it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.errors import OutcomeUnknown, TryLater, VendorError
from shared.person_record import PersonRecord
from shared.vendors.filling import without_held
from shared.vendors.flows import Created, digest, upsert
from shared.vendors.matching import fold
from shared.vendors.payload import Row, as_number, drop_empty
from shared.vendors.protocol import DeliveryRequest, WriteResult
from shared.vendors.pulse.client import VENDOR, PulseClient
from shared.vendors.pulse.contact import PulseContact
from shared.vendors.pulse.entries import held_entries, supplied_entries, with_entry
from shared.vendors.pulse.held import held_by, with_whole_address
from shared.vendors.pulse.last_write import is_recent, remembered_write, shows_last_write
from shared.vendors.pulse.memory import PulseMemory
from shared.vendors.pulse.options import PERSON, UpsertOptions
from shared.vendors.pulse.search import ContactSearch


@dataclass(frozen=True, slots=True)
class _Found:
    """A contact at Pulse; `hit` is None while only memory knows it."""

    id: str
    hit: Row | None = None


class PulseUpsert:
    """Search by e-mail, exact match, then create or update [seed]."""

    def __init__(self, options: UpsertOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """See `shared.vendors.flows.upsert`."""
        return upsert(_Lookup(self._options, self._client, request, record), request, record)


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(
        self, options: UpsertOptions, client: PulseClient, request: DeliveryRequest, record: PersonRecord
    ) -> None:
        self._options = options
        self._client = client
        self._request = request
        self._record = record
        self._contact = PulseContact(request.contact, request.channels, options)
        self._custom = {str(name): as_number(value) for name, value in request.custom.items()}

    def find(self) -> _Found | None:
        """Return the contact with exactly this address."""
        hit = ContactSearch(self._client, self._contact, self._options).find()
        if hit is None:
            return None
        # Once the search has shown a contact it need not be recalled; found no more, it has become somebody else.
        self._record.memory = self._record.memory.model_copy(update={"hidden_since": None})
        return _Found(str(hit["id"]), hit)

    def recall(self, contact_id: str) -> _Found | None:
        """Return the contact that we created while the search hides it; test contacts are hidden for ever [seed].

        Raises:
            TryLater: it may be hidden, and the sign-up may be another person's.
        """
        if self._options.is_test:
            return _Found(contact_id)
        memory: PulseMemory = self._record.memory
        if memory.hidden_since is None or self._request.now >= memory.hidden_since + self._options.recall_seconds:
            return None
        known = {"npi": memory.npi, "name": memory.name}
        if any(known[name] not in (None, sign) for name, sign in self._signs().items()):
            raise self._not_shown_yet()
        return _Found(contact_id)

    def id_of(self, found: _Found) -> str:
        """Pulse's contact id."""
        return found.id

    def create(self) -> Created:
        """Send the whole contact; consent flags only where consent was given."""
        self._contact.fit_to(self._options.contact_type)
        body = drop_empty(
            {
                **self._options.constants,
                **drop_empty({"contactType": self._options.contact_type}),
                **self._contact.person,
                "source": self._options.source,
                "isTest": self._options.is_test,
                **{name: [entry] for name, entry in supplied_entries(self._contact, self._request).items()},
                "customFields": self._custom,
            }
        )
        return Created(
            contact_id=self._client.create_contact(body, answers=self._options.answers),
            memory=remembered_write(self._created(), body, self._request),
            result=WriteResult(tuple(self._contact.left_out)),
        )

    def update(self, found: _Found) -> WriteResult:
        """Write what was given; with `update = "replace"` also what is held, since no page says what PUT keeps."""
        if self._request.fill:
            return self._filling(found).update(found)
        held: Row = found.hit or {}
        is_behind = self._is_behind(found)
        # No search ever shows a test contact [seed]: waiting for it would have no end.
        waits = self._options.update == "replace" and not self._options.is_test
        if waits and (found.hit is None or is_behind):
            raise self._not_shown_yet()
        self._contact.fit_to(held.get("contactType") if isinstance(held.get("contactType"), str) else None)
        arrays, left_out = self._arrays(held, is_behind=is_behind)
        body = self._body(held, arrays, is_behind=is_behind)
        if body:
            self._write(found.id, body)
        return WriteResult((*self._contact.left_out, *left_out))

    def _filling(self, found: _Found) -> _Lookup:
        """Return the same steps for what the contact does not hold yet.

        Raises:
            TryLater: the search does not show what it holds now.
        """
        request = replace(self._request, fill=with_whole_address(self._request.fill))
        if found.hit is None and self._options.is_test:
            # The search never shows a test contact: nothing of it may be overwritten unseen.
            request = without_held(request, self._record, self._options, lambda name: True)
        elif found.hit is None or self._is_behind(found):
            raise self._not_shown_yet()
        else:
            request = without_held(request, self._record, self._options, held_by(found.hit, self._contact))
        return _Lookup(self._options, self._client, request, self._record)

    def _is_behind(self, found: _Found) -> bool:
        """Whether our own last write is recent, and the search does not show it."""
        memory = self._record.memory
        shown = found.hit is not None and shows_last_write(found.hit, memory)
        return is_recent(memory, self._request) and not shown

    def _body(self, held: Row, arrays: dict[str, list[Row]], *, is_behind: bool) -> Row:
        """Return what to send; nothing where Pulse has all of it already."""
        person, custom = self._contact.person, self._custom
        held_custom = drop_empty(held["customFields"]) if isinstance(held.get("customFields"), dict) else {}
        is_same = not is_behind and not arrays
        is_same = is_same and all(held.get(name) == value for name, value in person.items())
        if is_same and all(held_custom.get(name) == value for name, value in custom.items()):
            return {}
        if self._options.update == "merge":
            return drop_empty({**person, **arrays, "customFields": custom})
        held_person = {name: held.get(name) for name in PERSON.values()}
        held_arrays = {name: held_entries(held, name) for name in ("emails", "phones", "locations")}
        return drop_empty({**held_person, **person, **held_arrays, **arrays, "customFields": {**held_custom, **custom}})

    def _arrays(self, held: Row, *, is_behind: bool) -> tuple[dict[str, list[Row]], list[str]]:
        """Return the arrays that this sign-up changes, each whole, and those that could not take their entry."""
        arrays: dict[str, list[Row]] = {}
        left_out = []
        for name, entry in supplied_entries(self._contact, self._request).items():
            entries = held_entries(held, name)
            whole = None if entries is None else with_entry(entries, entry)
            # The address alone is no loss: it is what the contact was found by.
            if entry.keys() == {"emailAddress"} or (whole is not None and whole == entries):
                continue
            # Of a contact that we just wrote, only addresses and their ids are sure to be as the search shows them.
            if is_behind and (whole is None or name != "emails"):
                raise self._not_shown_yet()
            if whole is None:
                left_out.append(name)
            else:
                arrays[name] = whole
        return arrays, left_out

    def _write(self, contact_id: str, body: Row) -> None:
        before = self._record.memory
        # Remembered before it is sent: a write whose answer is lost may show up in the search late, too.
        self._record.memory = remembered_write(before, body, self._request)
        try:
            self._client.update_contact(contact_id, body)
        except OutcomeUnknown:
            raise
        except VendorError:
            self._record.memory = before
            raise

    def _created(self) -> PulseMemory:
        signs = self._signs()
        return PulseMemory(hidden_since=self._request.now, npi=signs.get("npi"), name=signs.get("name"))

    def _signs(self) -> dict[str, str]:
        """Return digests of what tells this person from others at the same address, as far as the sign-up says it."""
        person = self._contact.person
        names = [fold(person.get(name, "")) for name in ("firstName", "lastName")]
        signs = {"npi": person.get("npi"), "name": " ".join(names) if all(names) else None}
        return {name: digest(f"{self._contact.email} {sign}") for name, sign in signs.items() if sign}

    def _not_shown_yet(self) -> TryLater:
        wait = self._request.search_lag
        return TryLater(VENDOR, "update contact", retry_after=wait, detail="the search does not show it yet")
