"""eSputnik passes the conformance suite, by both of its actions."""

from __future__ import annotations

from local.twins.esputnik.organisation import EsputnikOptions
from local.twins.esputnik.rules import Repeats
from local.twins.esputnik.twin import EsputnikTwin
from local.twins.messages import Record
from local.twins.server import Twin
from shared.contact import Channel
from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Seen

SHARED = {"groups": ["Other"], "channels": ["email", "phone"], "repeated_words": ["taken"]}
NO_FLAGS = "a contact has no member for consent; a subscription category is asked for by the form file"


class ESputnik(Conformance):
    """What both actions share."""

    cannot = {Ability.CONSENT: NO_FLAGS}
    custom = {5: "20+"}

    def twin(self) -> EsputnikTwin:
        """An edition whose POST makes a second contact, so that nothing but our own look prevents it."""
        return EsputnikTwin(EsputnikOptions(post="creates", import_seconds=0))

    def time_passes(self, twin: Twin) -> None:
        """Let the minute be over in which a repeat is answered 409."""
        assert isinstance(twin, EsputnikTwin)
        twin.repeats = Repeats()

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        return {
            "channels": [{"type": "email", "value": known_by}, {"type": "sms", "value": "12025550143"}],
            "firstName": first_name,
            "lastName": "Lee",
            "address": {"town": "Boston", "region": "MA", "postcode": "02110", "address": "2 Low Street"},
            "fields": [{"id": 5, "value": "1-5"}],
            "languageCode": "de",
            "externalCustomerId": f"crm-{known_by}-{first_name}",
            "groups": ["Old"],
        }

    def seen(self, held: Record) -> Seen:
        return Seen(held["channels"][0]["value"], held["firstName"])


class TestUpsert(ESputnik):
    spec = ACTIONS["esputnik", "upsert"]
    options = {"groups": ["News"]}
    samples = {**SHARED, "joinable_segments": ["Dynamic"]}


class TestSubscribe(ESputnik):
    spec = ACTIONS["esputnik", "subscribe"]
    options = {"groups": ["News"], "subscriptions": ["Digest"]}
    samples = {**SHARED, "form_type": "news", "subscriptions": ["Offers"], "answers.subscriptions": "nowhere"}
    cannot = {
        Ability.CONSENT: NO_FLAGS,
        Ability.READ: "a subscription is one call",
        Ability.SEARCH: "eSputnik itself finds whom a subscription means",
    }
