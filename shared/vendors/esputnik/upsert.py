"""eSputnik / Yespo: upsert a contact that was confirmed elsewhere, and have it join its segments.

Sources: [seed] "API Methods for Adding Contacts"; [SHOP] the vendor's own connector Yespo-CDP/yespo-shopify.
What neither says is marked "assumed".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from shared.conditions import names_of
from shared.errors import Conflict, Misconfigured, NotFound, Refused, TryLater
from shared.person_record import PersonRecord
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.contact import contact_body, held_by, merged, send_contact
from shared.vendors.esputnik.new_segments import join_new
from shared.vendors.esputnik.options import ESputnikOptions, SegmentName, within_the_minute
from shared.vendors.esputnik.search import ContactFinder, segments_named
from shared.vendors.filling import without_held
from shared.vendors.flows import CREATE, Created, upsert, wait_for_new
from shared.vendors.payload import Row, rows
from shared.vendors.protocol import DeliveryRequest, WriteResult


class UpsertOptions(ESputnikOptions):
    """`action = "upsert"`. It makes CONFIRMED contacts: for people who have opted in elsewhere [seed]."""

    joinable_segments: Annotated[tuple[SegmentName, ...], Field(min_length=1)] = ("Static",)
    """Types of segment that contacts can be put into: the reference calls it List [seed], another's client shows
    Static, Dynamic and Combined [DK]; that Static is the one is assumed."""


class ESputnikUpsert:
    """Search, compare exactly, then create or update a confirmed contact, then its segments; no event [seed]."""

    def __init__(self, options: UpsertOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """See `shared.vendors.flows.upsert`. Safe to repeat from the start: joining a segment twice is joining it."""
        contact, left_out = contact_body(request, self._options.sent_channels(request.contact))
        segments = {
            name: self._segment_id(name) for name in names_of(self._options.groups)
        }  # before anything is written
        lookup = _Lookup(self._options, self._client, request, contact, record)
        result = upsert(lookup, request, record)
        for segment_id in segments.values():
            if segment_id is not None and segment_id not in lookup.joined:
                self._attach(segment_id, lookup.contact_id(request), request, record)
        new = tuple(name for name, segment_id in segments.items() if segment_id is None)
        joined = join_new(self._client, new, lookup.channel, record)
        return replace(joined, left_out=(*left_out, *result.left_out))

    def _attach(self, segment_id: int, contact_id: int, request: DeliveryRequest, record: PersonRecord) -> None:
        try:
            self._client.attach_contacts(segment_id, contact_ids=[contact_id])
        except (NotFound, Refused):
            wait_for_new(VENDOR, "attach contacts", request, record)
            raise

    def _segment_id(self, name: str) -> int | None:
        """Return a segment's id, None when there is none of this name."""
        named = [row for row in segments_named(self._client, name) if "id" in row]
        kinds = self._options.joinable_segments
        joinable = [row for row in named if row.get("type", kinds[0]) in kinds]
        if named and not joinable:
            raise Misconfigured(VENDOR, "attach contacts", detail="a group is a dynamic segment, which nobody can join")
        return int(joinable[0]["id"]) if joinable else None


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(
        self,
        options: UpsertOptions,
        client: ESputnikClient,
        request: DeliveryRequest,
        contact: Row,
        record: PersonRecord,
    ) -> None:
        self._options = options
        self._client = client
        self._request = request
        self._contact = contact
        self._record = record
        self.channel: Row = contact["channels"][0]
        self._finder = ContactFinder(client, self.channel, contact)
        self.joined: set[object] = set()
        """Ids of the segments that the found contact is in, if it shows them (assumed)."""

    def find(self) -> Row | None:
        """The contact with exactly this channel, as it is now."""
        return self._finder.find()

    def recall(self, contact_id: str) -> Row | None:
        """The remembered contact: the search may lag, reading by id does not (assumed)."""
        return self._finder.read(int(contact_id))

    def id_of(self, found: Row) -> str:
        """The vendor's contact id."""
        return str(found["id"])

    def create(self) -> Created:
        """Add the contact; `Conflict` when the same was sent within the minute and the contact is there."""
        left_out: list[str] = []
        try:
            contact_id = send_contact(self._contact, self._client.add_contact, left_out)
        except Conflict:
            if self.find() is None:
                # This 409 does not say that the contact exists: after the minute the same may be sent again.
                raise within_the_minute("add contact") from None
            raise
        return Created(str(contact_id) if contact_id else None, result=WriteResult(tuple(left_out)))

    def update(self, found: Row) -> WriteResult:
        """Write the contact back whole, with ours merged in; nothing when the vendor has all of it already."""
        self.joined = {segment.get("id") for segment in rows(found.get("groups"))}
        request = without_held(self._request, self._record, self._options, held_by(found, self._contact))
        wanted, _ = contact_body(request, self._options.sent_channels(request.contact))
        whole, left_out_channels = merged(found, wanted)
        left_out = list(left_out_channels)
        if whole == merged(found, {})[0]:
            return WriteResult(tuple(left_out))

        def send(contact: Row) -> None:
            self._client.update_contact(int(found["id"]), merged(found, contact)[0])

        try:
            send_contact(wanted, send, left_out)
        except Conflict:
            # Sent already, by us or with other data: look again when the minute is over.
            raise within_the_minute("update contact") from None
        return WriteResult(tuple(left_out))

    def contact_id(self, request: DeliveryRequest) -> int:
        """Return the contact's id, also where the answer to its creation did not say it."""
        if self._record.contact_id is None:
            found = self.find()
            if found is None:
                raise TryLater(VENDOR, "find contact", retry_after=request.search_lag, detail="created, not found yet")
            self._record.contact_id = self.id_of(found)
            self._record.clear(CREATE)
        return int(self._record.contact_id)
