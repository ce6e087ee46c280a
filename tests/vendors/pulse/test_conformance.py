"""Pulse passes the conformance suite, by both of its actions."""

from __future__ import annotations

from local.twins.messages import Record
from local.twins.pulse.twin import FORM_UUID, PulseTwin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Seen

SHARED = {
    "is_test": True,
    "international_phones": True,
    "default_country": "DE",
    "constants": {"campaign": "spring"},
}
FLAGS: dict[Channel, str] = {"sms": "isSmsSubscribed", "call": "isPhoneSubscribed"}


class Pulse(Conformance):
    """What both actions share."""

    consents = ("email", "sms", "call")

    def twin(self) -> PulseTwin:
        return PulseTwin()

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        flags = {flag: channel in consents for channel, flag in FLAGS.items()}
        return {
            "source": 1,
            "firstName": first_name,
            "lastName": "Lee",
            "specialty": "Surgery",
            "npi": "1098765432",
            "emails": [{"emailAddress": known_by, "isSubscribed": "email" in consents}],
            "phones": [{"phone": "2025550143", **flags}],
            "locations": [{"company": "Practice", "city": "Boston", "state": "MA"}],
            "customFields": {"size": "1-5"},
        }

    def seen(self, held: Record) -> Seen:
        [email], phones = held["emails"], held["phones"]
        flags = {channel for channel, flag in FLAGS.items() if any(phone.get(flag) for phone in phones)}
        flags |= {"email"} if email.get("isSubscribed") else set()
        return Seen(email["emailAddress"], held["firstName"], frozenset(flags))


class TestUpsert(Pulse):
    spec = ACTIONS["pulse", "upsert"]
    options = {"source": 7}
    samples = {
        **SHARED,
        "source": 8,
        "contact_type": "Patient",
        "update": "replace",
        "search_page_size": 100,
        "page_parameter": "p",
        "recall_seconds": 60,
        "answers.contacts": "rows",
        "answers.total": "length(items)",
        "answers.contact": "{id: id}",
        "answers.id": "firstName",
        "answers.created_id": "firstName",
        "answers.addresses": "[firstName]",
    }


class TestSubmitForm(Pulse):
    spec = ACTIONS["pulse", "submit_form"]
    options = {"form_uuid": FORM_UUID}
    samples = {**SHARED, "form_uuid": "00000000-0000-4000-8000-000000000000"}
    cannot = {
        Ability.READ: "a submission is one call",
        Ability.SEARCH: "Pulse itself finds whom a submission means",
        Ability.CONFIRM: "no page says what a submission answers, so an upsert has to look for the contact",
    }
