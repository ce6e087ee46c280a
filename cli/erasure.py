"""Erasing one person: marked first, so that nothing delivers them anew; the ledger last, since it knows the rest."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cli import ledger_items
from cli.certificate import Certificate
from cli.console import moment
from cli.deployment import Deployment
from cli.ledger_items import Item
from cli.subject import Subject
from cli.sweep import Sweep, depth
from cli.vendor_erasure import VendorErasure
from functions.submit.quarantine import PREFIX as QUARANTINE
from shared.consents import PREFIX as CONSENT
from shared.erasures import Erasures
from shared.ledger import PERSON
from shared.queues import MAX_DELAY_SECONDS, MAX_VISIBILITY_SECONDS

LEASE_SECONDS = 30
"""For so long a busy item is waited for; a delivery ends sooner."""


class Erasure:
    """One request to erase one person."""

    def __init__(self, deployment: Deployment, subject: Subject, *, receipts: bool, vendors: bool) -> None:
        self._deployment = deployment
        self._subject = subject
        self._receipts = receipts
        self._vendors = VendorErasure(deployment, asked=vendors)
        self._certificate = Certificate(uuid4().hex, moment(deployment.wall_clock()), subject.hashes)

    def run(self) -> Certificate:
        """Remove what can be removed, and certify it.

        Raises:
            LedgerUnavailable: DynamoDB failed; run it again, what was removed stays removed.
        """
        deployment, settings = self._deployment, self._deployment.settings
        # First: from now on no message of this person is delivered, in whose hands it may be.
        Erasures(deployment.dynamodb, deployment.table, deployment.people, deployment.wall_clock).mark(
            self._subject.hashes.values()
        )
        self._sweep("retry_queue", settings.retry_queue_url)
        self._sweep("dead_letters", settings.dead_letter_queue_url)
        for item in self._items():
            self._remove(item)
        return self._certificate

    def _sweep(self, store: str, url: str) -> None:
        certificate, deployment = self._certificate, self._deployment
        unseen = depth(deployment.sqs, url)
        with Sweep(deployment, url) as sweep:
            for received in sweep:
                if self._subject.is_in_message(received.body):
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
        if item_id.startswith(CONSENT):
            if not self._receipts:
                certificate.kept_consent_receipts += 1
                return
            store = "consent_receipts"
        else:
            store = "quarantine" if item_id.startswith(QUARANTINE) else "ledger"
        if item_id.startswith(PERSON):
            result = self._vendors.of(item)
            certificate.vendors.append(result)
            if result.failed:
                certificate.in_use += 1  # it knows the contact's id, which another run needs
                return
        if self._delete(item_id):
            certificate.removed[store] += 1
        else:
            certificate.in_use += 1

    def _delete(self, item_id: str) -> bool:
        for _ in range(LEASE_SECONDS):
            if ledger_items.delete_unleased(self._deployment, item_id):
                return True
            self._deployment.sleep(1)
        return False
