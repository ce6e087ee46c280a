"""Whautomate: a contact found by its phone number, then created or updated whole; tags start automations.

Sources as in `client.py`: [seed] the vendor's reference; [PD], [MC] connectors. Else "assumed".
"""

from __future__ import annotations

from shared.conditions import names_of
from shared.errors import (
    Ambiguous,
    Forbidden,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Unauthorized,
    Unavailable,
    VendorError,
)
from shared.person_record import IN_PROGRESS, PersonRecord
from shared.vendors.filling import without_held
from shared.vendors.flows import Created, upsert
from shared.vendors.matching import check_ids, digits, has_texts, pick_match
from shared.vendors.payload import Row
from shared.vendors.protocol import DeliveryRequest, WriteResult
from shared.vendors.whautomate.client import VENDOR, WhautomateClient
from shared.vendors.whautomate.contact import WhautomateContact
from shared.vendors.whautomate.options import UpsertOptions


class WhautomateUpsert:
    """Search by phone, exact digits, then create, or read, merge and write back whole.

    WhatsApp consent has no member here [seed]: it is proven by our own consent receipt.
    """

    def __init__(self, options: UpsertOptions, client: WhautomateClient, host: str) -> None:
        self._options = options
        self._client = client
        self._host = host

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """See `shared.vendors.flows.upsert`."""
        try:
            return upsert(_Lookup(self._options, self._client, request, record), request, record)
        except (Unauthorized, Forbidden) as error:
            raise error.restated(type(error), detail=f"the key, or the region of {self._host}, is wrong") from None
        except NotFound as error:
            # A search names no location; where it was answered, path and region are probably right.
            suspect = "" if error.operation == "search contacts" else "location_id, "
            detail = f"{suspect}the path, or the region of {self._host}, is wrong"
            raise error.restated(Misconfigured, detail=detail) from None


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(
        self, options: UpsertOptions, client: WhautomateClient, request: DeliveryRequest, record: PersonRecord
    ) -> None:
        self._options = options
        self._client = client
        self._record = record
        self._request = request
        self._contact = WhautomateContact(options, request)

    def find(self) -> Row | None:
        """Search for the number with its + and, where that finds nobody, for its bare digits."""
        for text in (self._contact.phone, digits(self._contact.phone)):
            hits = self._search(text)
            check_ids(VENDOR, hits)
            # The search may lag: whose a contact is now, reading it tells.
            read = [self.recall(self.id_of(hit)) for hit in hits]
            if exact := [contact for contact in read if contact is not None]:
                return pick_match(VENDOR, exact, has_texts({"name": self._contact.given_name}))
        return None

    def _search(self, text: str) -> list[Row]:
        """Return the exact matches of all pages; the order of rows is not documented, nor the longest page."""
        exact: list[Row] = []
        seen: set[object] = set()
        for page in range(1, self._options.search_pages + 1):
            hits = self._client.search_contacts(text, page=page, limit=self._options.search_page_size)
            fresh = [hit for hit in hits if hit.get("id") not in seen]
            exact += [hit for hit in fresh if has_number(hit, self._contact.phone)]
            if not exact and not all(map(_shows_phone, fresh)):
                raise Ambiguous(VENDOR, "search contacts", detail="a hit does not show its number")
            seen |= {hit.get("id") for hit in fresh}
            if len(hits) < self._options.search_page_size and (exact or not fresh):
                return exact
            if not fresh:
                break  # a full page once more: `page` is not heeded, and more may follow
        if not exact:
            raise Ambiguous(VENDOR, "search contacts", detail="pages of near misses without an end")
        return exact

    def recall(self, contact_id: str) -> Row | None:
        """Return a contact as it is now, unless it is gone or has another number: then it is somebody else."""
        try:
            contact = self._client.get_contact(contact_id)
        except NotFound:
            return None
        if not _shows_phone(contact):
            raise Ambiguous(VENDOR, "read contact", detail="the contact does not show its number")
        return contact if has_number(contact, self._contact.phone) else None

    def id_of(self, found: Row) -> str:
        """Whautomate's contact id."""
        return str(found["id"])

    def create(self) -> Created:
        """Send the whole contact, tags included."""
        contact_id = self._client.add_contact(self._contact.whole()).get("id")
        return Created(str(contact_id) if contact_id else None, result=_result(self._contact))

    def update(self, found: Row) -> WriteResult:
        """Merge into what was read, write whole, and add the tags that are not there yet."""
        contact_id = self.id_of(found)
        request = without_held(self._request, self._record, self._options, self._contact.held_by(found))
        contact = WhautomateContact(self._options, request)
        carried = contact.carried(found)
        merged = contact.merged(carried)
        if merged != carried:
            self._client.update_contact(contact_id, merged)
        # The fields are written, however the tags end: an older sign-up must not undo them.
        self._record.confirmed = True
        if missing := self._missing_tags(merged):
            self._add_tags(contact_id, missing, merged)
        return _result(contact)

    def _missing_tags(self, contact: Row) -> list[str]:
        """Return the tags to add. Tags start automations: of a late sign-up's, those of every sign-up have run already.

        One with a condition may be the older sign-up's alone.
        """
        ours = [tag for tag in self._options.tags if not self._request.is_late or tag.when is not None]
        held = contact.get("tags")
        return [tag for tag in names_of(ours) if not isinstance(held, list) or tag not in held]

    def _add_tags(self, contact_id: str, missing: list[str], contact: Row) -> None:
        """Add tags without touching the rest; where that fails, write the whole contact with them."""
        try:
            if set(missing) <= set(self._client.add_tags(contact_id, missing)):
                return
        except (Unauthorized, Forbidden, RateLimited):
            raise
        except (OutcomeUnknown, Unavailable) as error:
            if isinstance(error, OutcomeUnknown):
                # However this delivery ends, the vendor may still add them: a newer sign-up's PUT would take them back.
                self._record.record(IN_PROGRESS, self._record.stamp)
            # The tags may be there: a second time would start their automations again.
            contact = self._contact.carried(self._client.get_contact(contact_id))
        except VendorError:
            pass  # the call is not there, or takes no such tag: writing them is another way
        if missing := self._missing_tags(contact):
            held = contact.get("tags")
            tags = [*(held if isinstance(held, list) else []), *missing]
            self._client.update_contact(contact_id, {**contact, "tags": tags})


def has_number(contact: Row, phone: str) -> bool:
    """Whether it is the contact of this number. Whether the + is stored is not documented, so digits are compared."""
    return digits(contact.get("phoneNumber")) == digits(phone)


def _shows_phone(contact: Row) -> bool:
    """Whether a hit tells its number, or that it has none: of any other nobody knows whose it is."""
    return "phoneNumber" in contact and isinstance(contact["phoneNumber"], str | None)


def _result(contact: WhautomateContact) -> WriteResult:
    return WriteResult(tuple(contact.left_out), tuple(contact.shortened))
