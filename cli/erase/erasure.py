"""Erasing one person: marked first, so that nothing delivers them anew; the ledger last, since it knows the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from cli import ledger_items
from cli.console import moment
from cli.deployment import Deployment
from cli.erase.certificate import Certificate, Contact
from cli.erase.subject import Subject
from cli.erase.vendor_erasure import VendorErasure
from cli.ledger_items import Item
from cli.visible_messages import Sweep, depth
from shared.aws.limits import MAX_DELAY_SECONDS, MAX_VISIBILITY_SECONDS
from shared.ledger.consents import PREFIX as CONSENT
from shared.ledger.erasures import Erasures
from shared.ledger.leases import PERSON
from shared.ledger.quarantine import PREFIX as QUARANTINE

LEASE_SECONDS = 30
"""For so long a busy item is waited for; a delivery ends sooner."""


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
        self._certificate = Certificate(uuid4().hex, moment(deployment.wall_clock()), subject.hashes, preview)

    def run(self) -> Certificate:
        """Remove what can be removed, and certify it; a preview only says what that would be.

        Raises:
            LedgerUnavailable: DynamoDB failed; run it again, what was removed stays removed.
        """
        settings = self._deployment.settings
        if not self._preview:
            self._mark()
        self._sweep("retry_queue", settings.retry_queue_url)
        self._sweep("dead_letters", settings.dead_letter_queue_url)
        for item in self._items():
            self._remove(item)
        return self._certificate

    def _mark(self) -> None:
        """From now on no message of this person is delivered, in whose hands it may be."""
        deployment = self._deployment
        Erasures(deployment.dynamodb, deployment.table, deployment.people, deployment.wall_clock).mark(
            self._subject.hashes.values()
        )

    def _sweep(self, store: str, url: str) -> None:
        certificate, deployment = self._certificate, self._deployment
        unseen = depth(deployment.sqs, url)
        with Sweep(deployment, url) as sweep:
            for received in sweep:
                if self._subject.is_in_message(received.body):
                    if not self._preview:
                        sweep.delete(received)
                    certificate.removed[store] += 1
        certificate.not_looked_at[store] = unseen.out_of_sight
        if unseen.out_of_sight:
            longest = MAX_VISIBILITY_SECONDS if unseen.in_flight else MAX_DELAY_SECONDS
            again = moment(deployment.wall_clock() + longest)
            certificate.run_again_after = max(again, certificate.run_again_after or again)

    def _items(self) -> list[Item]:
        """Return the ledger's items about this person; what was taken for spam is looked through as text."""
        hashes = {f"hash_{kind}": hashed for kind, hashed in self._subject.hashes.items()}
        named = " OR ".join(f"contains(people, :{name})" for name in hashes)
        condition = f"{named} OR begins_with(id, :quarantine)"
        values: dict[str, Any] = {**hashes, "quarantine": QUARANTINE}
        found = ledger_items.scan(self._deployment, condition, **values)
        return [item for item in found if self._subject.is_in_item(item)]

    def _remove(self, item: Item) -> None:
        certificate, item_id = self._certificate, str(item["id"])
        store = _store(item_id)
        if store == "consent_receipts" and not self._receipts:
            certificate.kept_consent_receipts += 1
            return
        result = self._vendors.of(item) if item_id.startswith(PERSON) else None
        # What a vendor did not delete, another run has to name: the item that knows its id stays.
        needed = result is not None and result.contact is Contact.KNOWN
        removed = self._preview or (not needed and self._delete(item_id))
        if removed:
            certificate.removed[store] += 1
        else:
            certificate.in_use += 1
        if result is not None:
            certificate.vendors.append(result if removed else replace(result, contact=Contact.KNOWN))

    def _delete(self, item_id: str) -> bool:
        for _ in range(LEASE_SECONDS):
            if ledger_items.delete_unleased(self._deployment, item_id):
                return True
            self._deployment.sleep(1)
        return False


def _store(item_id: str) -> str:
    if item_id.startswith(CONSENT):
        return "consent_receipts"
    return "quarantine" if item_id.startswith(QUARANTINE) else "ledger"
