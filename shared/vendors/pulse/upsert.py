"""Pulse: a contact looked up by its e-mail address, then created or updated.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
What neither says is marked "assumed" where it is decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.errors import OutcomeUnknown, VendorError
from shared.person_record import PersonRecord
from shared.vendors.filling import without_held
from shared.vendors.flows import Created, digest, upsert
from shared.vendors.matching import fold
from shared.vendors.payload import Row, drop_empty
from shared.vendors.protocol import DeliveryRequest, WriteResult
from shared.vendors.pulse.client import VENDOR, PulseClient
from shared.vendors.pulse.contact import PulseContact, custom_fields
from shared.vendors.pulse.entries import supplied_entries
from shared.vendors.pulse.held import held_by, with_whole_address
from shared.vendors.pulse.last_write import remembered_write
from shared.vendors.pulse.memory import PulseMemory
from shared.vendors.pulse.options import UpsertOptions
from shared.vendors.pulse.search import ContactSearch
from shared.vendors.pulse.update import ContactUpdate, not_shown_yet


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
            raise not_shown_yet(self._request)
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
                "customFields": custom_fields(self._request),
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
        change = self._change(found)
        if body := change.body():
            self._write(found.id, body)
        return WriteResult((*self._contact.left_out, *change.left_out))

    def _change(self, found: _Found) -> ContactUpdate:
        return ContactUpdate(self._options, self._request, self._contact, found.hit, self._record.memory)

    def _filling(self, found: _Found) -> _Lookup:
        """Return the same steps for what the contact does not hold yet.

        Raises:
            TryLater: the search does not show what it holds now.
        """
        request = replace(self._request, fill=with_whole_address(self._request.fill))
        if found.hit is None and self._options.is_test:
            # The search never shows a test contact: nothing of it may be overwritten unseen.
            request = without_held(request, self._record, self._options, lambda name: True)
        elif found.hit is None or self._change(found).is_behind:
            raise not_shown_yet(self._request)
        else:
            request = without_held(request, self._record, self._options, held_by(found.hit, self._contact))
        return _Lookup(self._options, self._client, request, self._record)

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
