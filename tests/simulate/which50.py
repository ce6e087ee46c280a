"""Which50 in memory: one call finds by the matched field, then creates or updates, and runs the custom events it names.

The sources are those that `shared/vendors/which50/client.py` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.http.call import Call
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Account, Answer, Value, Work, path_of, query_of

OURS = {
    "first_name": "FirstName",
    "phone": "Phone",
    "size": "Size",
    "consent.email": "NewsMail",
    "consent.sms": "NewsText",
}
FIELDS = ("Email", *OURS.values())


class Which50(Account):
    """One Which50 account with one contact list."""

    def answer(self, call: Call, work: Work) -> Answer:
        match (call.method, path_of(call)[-1]):
            case ("GET", "fields"):
                return Answer(200, [{"Name": name, "DefaultValue": ""} for name in FIELDS])
            case ("GET", "contactLists"):
                return Answer(200, [])
            case ("POST", "contact"):
                return self._write(call, work)
        raise AssertionError(f"no such call: {call.method} {call.url}")

    def _write(self, call: Call, work: Work) -> Answer:
        values: dict[str, Any] = dict(call.body["Values"])
        identity = values.pop("Email")
        contact = self.with_identity(identity)
        if contact is None:
            contact = self.create(work, identity, values)
        else:
            self.write(work, contact, values)
        for name in query_of(call).get("customevents", "").split(","):
            if name:
                self.fire(name, work)
        return Answer(200, {"EncContactId": contact.id})

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        spoken = {theirs: stated[ours] for ours, theirs in OURS.items() if ours in stated}
        return {**spoken, **({"Phone": str(stated["phone"])[1:]} if "phone" in stated else {})}
