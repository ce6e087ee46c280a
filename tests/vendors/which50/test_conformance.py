"""Which50 passes the conformance suite."""

from __future__ import annotations

from local.twins.messages import Record
from local.twins.which50.lists import ContactList, Field
from local.twins.which50.twin import Which50Twin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import PHONE, Sample, Seen

FLAGS: dict[Channel, str] = {"email": "EmailConsent", "sms": "SmsConsent"}
STRICT_LIST = {"contact_list_id": 4}
"""A list with values of its own, whose defaults say something."""
TEXTS = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "phone": "Mobile", "city": "City"}


class TestUpsert(Conformance):
    spec = ACTIONS["which50", "upsert"]
    options = {
        "contact_list_id": 3,
        "fields": {**TEXTS, **{f"consent.{channel}": field for channel, field in FLAGS.items()}},
        "custom_events": ["Welcome"],
    }
    samples = {
        "contact_list_id": 5,
        "fields": {"email": "Email"},
        "match": ["Mobile"],
        "custom_events": ["Other"],
        "phone_format": "e164",
        "consent_value": False,
        "no_values": Sample(["not asked"], STRICT_LIST),
        "verify_fields": False,
        "unlisted_values": Sample("send", STRICT_LIST),
        "accept_default_consent": Sample(True, STRICT_LIST),
        "answers.contact_id": "ListId",
        "answers.warnings": "[ListId]",
    }
    consents = ("email", "sms")
    custom = {"Size": "20+"}
    cannot = {Ability.SEARCH: "a write finds the contact by itself (`match`), and none can be found by its values"}

    def twin(self) -> Which50Twin:
        texts, choices = [*map(Field, [*TEXTS.values(), "Notes"])], ("true", "false")
        plain = [Field("Size"), *(Field(name, choices=choices) for name in FLAGS.values())]
        strict = [Field("Size", choices=("20+",))]
        strict += [Field(name, default="not asked", choices=choices) for name in FLAGS.values()]
        return Which50Twin(lists=[ContactList(3, fields=[*texts, *plain]), ContactList(4, fields=[*texts, *strict])])

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        flags = {name: str(channel in consents).lower() for channel, name in FLAGS.items()}
        person = {"Email": known_by, "FirstName": first_name, "LastName": "Lee", "Mobile": PHONE.removeprefix("+")}
        return {"Values": {**person, "City": "Boston", "Notes": "Called twice", "Size": "1-5", **flags}}

    def seen(self, held: Record) -> Seen:
        values = held["Values"]
        granted = frozenset(channel for channel, name in FLAGS.items() if values.get(name) == "true")
        return Seen(values["Email"], values["FirstName"], granted)
