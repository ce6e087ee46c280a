"""The two flows that vendors share: find a contact, then create or update it; and a write that must not be sent twice.

In both, a write goes on record before it is sent. Where its answer is lost, the vendor is asked what it holds before
the write is sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from shared.errors import Ambiguous, Conflict, NotFound, OutcomeUnknown, TryLater, VendorError
from shared.person_record import PersonRecord, VendorMemory
from shared.vendors.protocol import DeliveryRequest, WriteResult

C = TypeVar("C")
R = TypeVar("R")

# Kinds of writes on record; the second is none, its record counts the looks.
CREATE = "create"
FIND_EXISTING = "find what exists"
FIND = "find contact"
"""What errors call a look for the contact."""
MAX_LOOKS = 4
"""How often a vendor is asked that contradicts itself about whether a contact exists, `search_lag` apart."""


@dataclass(frozen=True, slots=True)
class Created:
    """What a create told us: the vendor's id, if it said it, and what is worth remembering beside it."""

    contact_id: str | None
    memory: VendorMemory | None = None
    """None where nothing is worth remembering."""
    result: WriteResult = field(default_factory=WriteResult)


class Lookup(Protocol[C]):
    """A vendor with separate calls for finding, creating and updating. `C` is its contact as found."""

    vendor: str

    def find(self) -> C | None:
        """Return the one contact that matches exactly; `Ambiguous` when that cannot be decided."""
        ...

    def recall(self, contact_id: str) -> C | None:
        """Return a contact that the ledger remembers but the search does not show.

        None when it is gone, or no longer has what the person is known by: then it is somebody else. Where no call
        reads a contact by its id, the vendor's `memory` says for whom it was written, and when, as with Pulse.
        """
        ...

    def create(self) -> Created:
        """Create the contact; `Conflict` when it exists already."""
        ...

    def update(self, found: C) -> WriteResult:
        """Update the contact; `NotFound` when it has vanished."""
        ...

    def id_of(self, found: C) -> str:
        """Return the vendor's id of a found contact."""
        ...


def upsert(lookup: Lookup[C], request: DeliveryRequest, record: PersonRecord) -> WriteResult:
    """Find the contact, then create or update it, and remember its id."""
    found = lookup.find()
    if found is None and record.contact_id is not None:
        found = lookup.recall(record.contact_id)
    if found is None:
        return _create(lookup, request, record)
    try:
        return _update(lookup, found, record)
    except NotFound:
        wait_for_new(lookup.vendor, FIND, request, record)
        return _without_vanished(lookup, request, record)


def _without_vanished(lookup: Lookup[C], request: DeliveryRequest, record: PersonRecord) -> WriteResult:
    """Look once more, after the contact vanished in between, before deciding that there is nobody."""
    record.contact_id, record.memory = None, type(record.memory)()
    found = lookup.find()
    if found is None:
        return _create(lookup, request, record)
    try:
        return _update(lookup, found, record)
    except NotFound:
        raise _look_again(lookup, request, record, "still shown, but gone") from None


def _update(lookup: Lookup[C], found: C, record: PersonRecord) -> WriteResult:
    result = lookup.update(found)
    lost = record.find_unconfirmed(CREATE)
    if lost is not None:  # it may have created the contact
        record.created_at = max(record.created_at or 0.0, lost.over_at)
    record.contact_id, record.confirmed = lookup.id_of(found), True
    record.clear(CREATE)
    record.clear(FIND_EXISTING)
    return result


def _create(lookup: Lookup[C], request: DeliveryRequest, record: PersonRecord) -> WriteResult:
    lost = record.find_unconfirmed(CREATE)
    if lost is not None:
        detail = "a create may have succeeded and be hidden by search lag"
        _wait_for_search(lookup.vendor, FIND, request, lost.over_at, detail)
    wait_for_new(lookup.vendor, FIND, request, record)
    record.left_as_found = frozenset()  # a new contact gets every field
    try:
        created = send_unrepeatable(record, CREATE, "", lookup.create)
    except Conflict:
        found = lookup.find()
        if found is None:
            raise _look_again(lookup, request, record, "exists, but is not found") from None
        return _update(lookup, found, record)
    record.contact_id, record.confirmed = created.contact_id, True
    record.note_created()
    record.clear(FIND_EXISTING)
    record.memory = created.memory or type(record.memory)()
    if created.contact_id is None:
        # The vendor gave no id, so keep it as an unconfirmed create until the search shows it.
        record.record(CREATE)
    return created.result


def wait_for_new(vendor: str, operation: str, request: DeliveryRequest, record: PersonRecord) -> None:
    """Wait while the contact is so new that its vendor may forget it, even by its id, for as long as its search lags.

    Raises:
        TryLater: we created it so recently.
    """
    if record.created_at is not None:
        _wait_for_search(vendor, operation, request, record.created_at, "just created, and not there yet")


def _wait_for_search(vendor: str, operation: str, request: DeliveryRequest, since: float, detail: str) -> None:
    wait = since + request.search_lag - request.now
    if wait > 0:
        raise TryLater(vendor, operation, retry_after=wait, detail=detail)


def digest(text: str) -> str:
    """Return a short SHA-256 of `text`, for comparing two requests without keeping either."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _look_again(lookup: Lookup[C], request: DeliveryRequest, record: PersonRecord, detail: str) -> VendorError:
    """Say what it means that a vendor's answers contradict each other: lag at first, later a case for a person."""
    if record.record(FIND_EXISTING).count >= MAX_LOOKS:
        record.clear(FIND_EXISTING)
        return Ambiguous(lookup.vendor, FIND, detail=detail)
    return TryLater(lookup.vendor, FIND, retry_after=request.search_lag, detail=detail)


def send_unrepeatable(record: PersonRecord, operation: str, digest: str, send: Callable[[], R]) -> R:
    """Send a write that must not be repeated blindly; it stays on record while its outcome is unknown.

    A crash in here leaves the record behind, which is the point: the next attempt sees that it may have been sent.
    """
    before = record.find_recorded(operation, digest)
    record.record(operation, digest)
    try:
        result = send()
    except OutcomeUnknown:
        raise
    except VendorError:
        # The vendor said no, or was never reached: this try wrote nothing, an earlier one still may have.
        record.restore(operation, digest, before)
        raise
    record.clear(operation, digest)
    return result
