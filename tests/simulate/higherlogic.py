"""Higher Logic in memory: pushes of whole records by our own ids, lists that are joined, and nothing to read.

The sources are those that `shared/vendors/higherlogic/client.py` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.http.call import Call
from shared.vendors.higherlogic.client import VENDOR
from tests.simulate.people import stated
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Account, Answer, Contact, Value, Work, path_of

STAND_IN = "Friend"
"""Last name of whoever gives none, as the forms say."""


class HigherLogic(Account):
    """One Higher Logic tenant. A contact's id is the one that was pushed."""

    replaces_unconfirmed = True

    def answer(self, call: Call, work: Work) -> Answer:
        match (call.method, *path_of(call)):
            case ("POST", "contactinfo"):
                for record in call.body:
                    self._push(record, work)
                return Answer(200, {})
            case ("POST", "list"):
                return self._join(call.body, work)
        raise AssertionError(f"no such call: {call.method} {call.url}")

    def _push(self, record: Mapping[str, Any], work: Work) -> None:
        details, fields = record["ContactDetails"], _fields(record)
        held = self.contacts.get(details["ContactId"])
        if held is None:
            self.create(work, details["PrimaryEmailAddress"], fields, details["ContactId"])
            return
        # Lists are no part of the record.
        gone = {name: None for name in held.fields if name not in fields and not name.startswith("list.")}
        self.write(work, held, {**gone, **fields})

    def _join(self, memberships: list[Mapping[str, Any]], work: Work) -> Answer:
        contacts = [self._worked_in(number) for each in memberships for number in each["ContactIds"]]
        if None in contacts:
            return Answer(400, {"message": "Unknown contact"})
        for each in memberships:
            for number in each["ContactIds"]:
                self.write(work, self.contacts[number], {f"list.{each['ListId']}": True})
        return Answer(200, {})

    def _worked_in(self, number: str) -> Contact | None:
        """Return a contact that was pushed long enough ago for a list to know it."""
        contact = self.contacts.get(number)
        return contact if contact is not None and contact.seen_at(self.clock.now - self.lag) is not None else None

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        names = {"first_name": "FirstName", "size": "InformalName", "consent.email": "flag.email"}
        spoken = {theirs: stated[ours] for ours, theirs in names.items() if ours in stated}
        if "phone" in stated:
            spoken[f"phone.{stated['phone']}"] = True
            spoken |= {f"sms.{stated['phone']}": True} if "consent.sms" in stated else {}
        return {**spoken, f"group.Group-{sign_up.form}": True, f"list.List-{sign_up.form}": True}

    def only_repeats(self, work: Work, name: str) -> bool:
        return name not in self.spoken(work.sign_up, stated(work.sign_up, VENDOR))

    def is_unstated(self, contact: Contact, name: str, value: Value | None) -> bool:
        return name == "LastName" and value in (STAND_IN, None)


def _fields(record: Mapping[str, Any]) -> dict[str, Value]:
    details = record["ContactDetails"]
    fields: dict[str, Value] = {
        name: details[name] for name in ("FirstName", "LastName", "InformalName") if name in details
    }
    if not details["DoNotEmail"]:
        fields["flag.email"] = True
    for entry in record.get("PhoneNumbers", []):
        fields[f"phone.{entry['FormattedNumber']}"] = True
        fields |= {f"sms.{entry['FormattedNumber']}": True} if entry.get("IsSmsPreferred") else {}
    return fields | {f"group.{group['GroupId']}": True for group in record.get("Groups", [])}
