"""The example vendor passes the conformance suite: CONTRIBUTING.md promises it."""

from __future__ import annotations

from local.twins.messages import Record
from shared.contact import Channel
from tests.vendors.conformance.suite import Conformance
from tests.vendors.conformance.vendor import Seen
from tests.vendors.example.mailroom import ACTIONS
from tests.vendors.example.twin import MailroomTwin


class TestUpsert(Conformance):
    spec = ACTIONS[0]
    options = {"tags": ["News"]}
    samples = {"mailbox": "Second", "tags": ["Other"]}
    consents = ("email",)
    failures = ({"undelivered": "the mailbox is full"},)

    def twin(self) -> MailroomTwin:
        return MailroomTwin()

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        person = {"email": known_by, "firstName": first_name, "lastName": "Lee", "company": "Practice"}
        return {
            **person,
            "newsletter": "email" in consents,
            "mailbox": "Main",
            "tags": ["VIP"],
            "fields": {"size": "1-5"},
        }

    def seen(self, held: Record) -> Seen:
        consents: frozenset[Channel] = frozenset({"email"}) if held["newsletter"] else frozenset()
        return Seen(held["email"], held["firstName"], consents)
