"""Higher Logic Push API v2: whole contact records, and membership of marketing lists.

A push replaces the whole record and nothing can be read back [seed], so the ledger keeps the record as it was last
confirmed, a sign-up is merged into it, and all of it is pushed. The caller holds the lease of the person meanwhile.

Source: [seed] "Push API Integration for Community Essentials".
"""

from __future__ import annotations

from uuid import UUID, uuid5

from shared.errors import Ambiguous, Conflict, NotFound, Refused, TryLater
from shared.person_record import PersonRecord
from shared.vendors.higherlogic.client import VENDOR, HigherLogicClient, Membership
from shared.vendors.higherlogic.memory import HigherLogicMemory
from shared.vendors.higherlogic.options import MarketingList, UpsertOptions
from shared.vendors.higherlogic.record import Merge
from shared.vendors.protocol import DeliveryRequest, WriteResult

OURS = "form:"
"""Prefix of every `ContactId` that we mint, so that none can be one of the tenant's own member system."""

JOIN = "join lists"
"""Kind of a write on record: its count is that of the refusals."""
MAX_JOINS = 4
FIRST_JOIN_WAIT_SECONDS = 60.0
"""How long before lists are tried again after a refusal, four times as long each time (assumed)."""

_NAMESPACE = UUID("6f0b1b0e-3d52-4c0c-9d55-0f6a3b0e8f6d")


def minted(base_url: str, email: str, erasures: int = 0) -> str:
    """Return the `ContactId` of a person who is not in the ledger: the same one if the ledger ever lost it.

    After an erasure it is another: whether a contact that was deleted softly can come back is not documented.
    """
    name = f"{base_url} {email.strip().lower()}"
    return f"{OURS}{uuid5(_NAMESPACE, f'{name} {erasures}' if erasures else name)}"


class HigherLogicUpsert:
    """Merge the sign-up into the person's record, push the whole of it, then add the person to the lists."""

    def __init__(self, options: UpsertOptions, client: HigherLogicClient, base_url: str) -> None:
        self._options = options
        self._client = client
        self._base_url = base_url

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """Push; safe to repeat from the start, whichever answer was lost."""
        contact_id = self._contact_id(request, record)
        merge = Merge(record.memory.record, request, self._options, contact_id)
        if not merge.has_name:
            raise Refused(VENDOR, "push contacts", detail="a person needs a first or a last name")
        if merge.changes_something:
            self._client.push_contacts([merge.record])
            # Confirmed, so it is what the vendor holds now; this is the only copy, which must not expire.
            record.contact_id = contact_id
            record.memory = HigherLogicMemory(record=merge.record, erasures=record.memory.erasures)
        record.confirmed = True
        if self._options.lists:
            self._join_lists(contact_id, request, record)
        return WriteResult(tuple(merge.left_out))

    def _contact_id(self, request: DeliveryRequest, record: PersonRecord) -> str:
        """The id that we minted for this person; a remembered one stays, however ids are minted now."""
        if record.contact_id is None:
            return minted(self._base_url, request.contact.email or "", record.memory.erasures)
        if not record.contact_id.startswith(OURS):
            raise Ambiguous(VENDOR, "push contacts", detail="the remembered ContactId is not one that we minted")
        return record.contact_id

    def _join_lists(self, contact_id: str, request: DeliveryRequest, record: PersonRecord) -> None:
        """Add the person to the lists; a refusal may only mean that the contact is not worked in yet [seed]."""
        try:
            self._client.push_lists([self._membership(entry, contact_id) for entry in self._options.lists])
        except (Refused, NotFound, Conflict) as error:
            tries = record.record(JOIN, request.submission_id).count
            if tries >= MAX_JOINS:
                record.clear(JOIN, request.submission_id)
                raise
            wait = FIRST_JOIN_WAIT_SECONDS * 4 ** (tries - 1)
            detail = "the contact may not be worked in yet"
            raise error.restated(TryLater, retry_after=wait, detail=detail) from None
        record.clear(JOIN, request.submission_id)

    def _membership(self, entry: MarketingList, contact_id: str) -> Membership:
        return Membership(entry.id, entry.name, (contact_id,), self._options.list_add_mode, entry.type)
