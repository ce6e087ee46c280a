"""Erases one person: marks them first, so that nothing delivers them again; removes the ledger items last."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from boto3.dynamodb.conditions import Attr, ConditionBase

from cli import ledger_items
from cli.deployment import Deployment
from cli.erase.certificate import Certificate, ContactState
from cli.erase.subject import Subject
from cli.erase.vendor_erasure import VendorErasure
from cli.frame.console import iso_time
from cli.visible_messages import VisibleMessages
from shared.aws.dynamodb import Item
from shared.aws.limits import MAX_DELAY_SECONDS, MAX_VISIBILITY_SECONDS
from shared.ledger import erasures
from shared.ledger.consents import PREFIX as CONSENT
from shared.ledger.leases import PERSON
from shared.ledger.quarantine import PREFIX as QUARANTINE
from shared.ledger.rate_limit import RECIPIENT

LEASE_SECONDS = 30
"""How long to wait for a leased item; a delivery is shorter."""


class Erasure:
    """One request to erase one person."""

    def __init__(
        self, deployment: Deployment, subject: Subject, *, receipts: bool, vendors: bool, preview: bool
    ) -> None:
        self._deployment = deployment
        self._subject = subject
        self._receipts = receipts
        self._preview = preview
        self._vendors = VendorErasure(deployment, asked=vendors, preview=preview)
        self.certificate = Certificate(uuid4().hex, iso_time(deployment.wall_clock()), subject.hashes, preview)

    def run(self) -> None:
        """Remove what can be removed, or count it for a preview, and note all of it in `certificate` as it happens.

        Raises:
            LedgerUnavailable: DynamoDB failed; run it again, what was removed stays removed.
        """
        settings = self._deployment.settings
        if not self._preview:
            self._mark()
        self._empty_queue("retry_queue", settings.retry_queue_url)
        self._empty_queue("dead_letters", settings.dead_letter_queue_url)
        for item in self._items():
            self._remove(item)

    def _mark(self) -> None:
        """From now on no message of this person is delivered, even one that is being processed."""
        deployment = self._deployment
        erasures.mark(deployment.table, self._subject.hashes.values(), deployment.wall_clock)

    def _empty_queue(self, store: str, url: str) -> None:
        certificate = self.certificate
        with VisibleMessages(self._deployment, url) as messages:
            for message in messages:
                if self._subject.is_in_message(message.body):
                    if not self._preview:
                        messages.delete(message)
                    certificate.removed[store] += 1
                elif self._subject.is_named_in_message(message.body):
                    # Somebody else's sign-up: without it they would be lost.
                    certificate.named_by_others.append(message.message_id)
        certificate.hidden[store] = messages.depth.hidden
        if messages.depth.hidden:
            longest = MAX_VISIBILITY_SECONDS if messages.depth.in_flight else MAX_DELAY_SECONDS
            again = iso_time(self._deployment.wall_clock() + longest)
            certificate.run_again_after = max(again, certificate.run_again_after or again)

    def _items(self) -> list[Item]:
        """Return the ledger's items about this person; quarantined sign-ups are searched as text."""
        about: ConditionBase = Attr("id").begins_with(QUARANTINE)
        for keyed_hash in self._subject.hashes.values():
            about = about | Attr("people").contains(keyed_hash)
            about = about | (Attr("id").begins_with(RECIPIENT) & Attr("id").contains(keyed_hash))
        found = self._deployment.table.scan(about)
        return [item for item in found if self._subject.is_in_item(item)]

    def _remove(self, item: Item) -> None:
        certificate, item_id = self.certificate, str(item["id"])
        store = _store(item_id)
        if store == "consent_receipts" and not self._receipts:
            certificate.kept_consent_receipts += 1
            return
        result = self._vendors.of(item) if item_id.startswith(PERSON) else None
        # Another run has to name the contact that a vendor did not delete: the item with its id stays.
        needed = result is not None and result.contact is ContactState.KNOWN
        left = self._vendors.left_by(item, result) if result is not None else None
        if result is not None:
            # Before the item goes: whoever is interrupted here still reads the contact's id.
            certificate.vendors.append(replace(result, contact=ContactState.KNOWN))
        removed = self._preview or (not needed and self._delete(item, left))
        if removed:
            certificate.removed[store] += 1
        else:
            certificate.in_use += 1
        if result is not None and removed:
            certificate.vendors[-1] = result

    def _delete(self, item: Item, left: str | None) -> bool:
        """Delete an item, but for the memory that is `left` where a vendor needs one."""
        for _ in range(LEASE_SECONDS):
            if left is not None and ledger_items.reduce_free(self._deployment, item, left):
                return True
            if left is None and ledger_items.delete_free(self._deployment, str(item["id"])):
                return True
            self._deployment.sleep(1)
        return False


def _store(item_id: str) -> str:
    if item_id.startswith(CONSENT):
        return "consent_receipts"
    return "quarantine" if item_id.startswith(QUARANTINE) else "ledger"
