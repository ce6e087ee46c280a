"""Whautomate passes the conformance suite."""

from __future__ import annotations

from local.twins.messages import Record
from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Seen


class TestUpsert(Conformance):
    spec = ACTIONS["whautomate", "upsert"]
    options = {"location_id": LOCATION_ID, "email_custom_field": "mail", "tags": ["News"]}
    known_by = "phone"
    cannot = {Ability.CONSENT: "a contact has no member for consent; our own receipt proves it"}

    def twin(self) -> WhautomateTwin:
        return WhautomateTwin()

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        return {
            "name": f"{first_name} Lee",
            "phoneNumber": known_by,
            "location": {"id": LOCATION_ID, "title": "Main street"},
            "stage": "Customer",
            "notes": "Called twice",
            "customFields": {"size": "1-5", "mail": "ann.before@example.com"},
            "tags": ["VIP"],
        }

    def seen(self, held: Record) -> Seen:
        return Seen(held["phoneNumber"], held["name"].partition(" ")[0])
