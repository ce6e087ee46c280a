"""Which50 passes the conformance suite."""

from __future__ import annotations

from local.twins.messages import Record
from local.twins.which50.lists import ContactList, Field
from local.twins.which50.twin import Which50Twin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import PHONE, Seen

FLAGS: dict[Channel, str] = {"email": "EmailConsent", "sms": "SmsConsent"}
TEXTS = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "phone": "Mobile", "city": "City"}


class TestUpsert(Conformance):
    spec = ACTIONS["which50", "upsert"]
    options = {
        "contact_list_id": 3,
        "fields": {**TEXTS, **{f"consent.{channel}": field for channel, field in FLAGS.items()}},
        "custom_events": ["Welcome"],
    }
    consents = ("email", "sms")
    custom = {"Size": "20+"}
    cannot = {Ability.SEARCH: "a write finds the contact by itself (`match`), and none can be found by its values"}

    def twin(self) -> Which50Twin:
        flags = [Field(name, choices=("true", "false")) for name in FLAGS.values()]
        return Which50Twin(lists=[ContactList(fields=[*map(Field, [*TEXTS.values(), "Notes", "Size"]), *flags])])

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        flags = {name: str(channel in consents).lower() for channel, name in FLAGS.items()}
        person = {"Email": known_by, "FirstName": first_name, "LastName": "Lee", "Mobile": PHONE.removeprefix("+")}
        return {"Values": {**person, "City": "Boston", "Notes": "Called twice", "Size": "1-5", **flags}}

    def seen(self, held: Record) -> Seen:
        values = held["Values"]
        granted = frozenset(channel for channel, name in FLAGS.items() if values.get(name) == "true")
        return Seen(values["Email"], values["FirstName"], granted)
