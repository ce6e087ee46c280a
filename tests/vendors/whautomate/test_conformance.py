"""Whautomate passes the conformance suite."""

from __future__ import annotations

from local.twins.messages import Record
from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Sample, Seen


class TestUpsert(Conformance):
    spec = ACTIONS["whautomate", "upsert"]
    options = {"location_id": LOCATION_ID, "email_custom_field": "mail", "tags": ["News"]}
    samples = {
        "location_id": "66f0c0ffee00000000000002",
        "stage": "Lead",
        "tag_max_length": Sample(3, is_refused=True),
        "tags": ["Other"],
        "email_custom_field": "address",
        "name_max_length": 20,
        "search_pages": 1,
        "search_page_size": 10,
        "phone_format": "digits",
        "custom_field_values": "typed",
        "tags_member": "labels",
        "exists_words": ["taken"],
    }
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
