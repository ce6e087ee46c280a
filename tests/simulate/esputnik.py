"""eSputnik in memory: subscribe with an event per call, the minute of 409, a search that lags, an exact read by id.

The sources are those that `shared/vendors/esputnik/client.py` names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.http.call import Call
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Account, Answer, Contact, Value, Work, path_of, query_of

MINUTE = 60.0


@dataclass
class ESputnik(Account):
    """One eSputnik organisation: contacts by e-mail address."""

    taken: dict[str, float] = field(default_factory=dict)
    """What the minute of 409 is about → when it was taken."""

    def answer(self, call: Call, work: Work) -> Answer:
        match (call.method, *path_of(call)):
            case ("POST", "v1", "contact", "subscribe"):
                return self._subscribe(call.body, work)
            case ("GET", "v1", "contacts"):
                return Answer(200, [_row(*hit) for hit in self.found(query_of(call)["email"])])
            case ("GET", "v1", "contact", number) if number in self.contacts:
                held = self.contacts[number]
                return Answer(200, _row(number, held.identity, held.fields))
            case ("PUT", "v1", "contact", number) if number in self.contacts:
                return self._replace(self.contacts[number], call.body, work)
            case ("GET" | "PUT", "v1", "contact", _):
                return Answer(404)
            case ("GET", "v1", "account", "info"):
                return Answer(200, {"organisationName": "Example"})
        raise AssertionError(f"no such call: {call.method} {call.url}")

    def _subscribe(self, body: dict[str, Any], work: Work) -> Answer:
        identity = body["contact"]["channels"][0]["value"]
        key = identity if self.strict else json.dumps(body, sort_keys=True)
        if self.clock.now - self.taken.get(key, float("-inf")) < MINUTE:
            return Answer(409, {"message": "Duplicated request"})
        self.taken[key] = self.clock.now
        contact = self.with_identity(identity)
        if contact is None:
            contact = self.create(work, identity, _fields(body["contact"]))
        else:
            self.write(work, contact, _fields(body["contact"]))
        self.fire(body["formType"], work)
        return Answer(200, {"id": int(contact.id)})

    def _replace(self, contact: Contact, body: dict[str, Any], work: Work) -> Answer:
        fields = _fields(body)
        self.write(work, contact, {**{name: None for name in contact.fields if name not in fields}, **fields})
        return Answer(200, {"id": int(contact.id)})

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        is_name = str(stated.get("first_name", "@")).isalpha()  # others are left out [WOO]
        spoken = {"first_name": stated["first_name"]} if is_name else {}
        return {**spoken, **({"field.12": stated["size"]} if "size" in stated else {})}

    def claimed(self, sign_up: SignUp, stated: Mapping[str, Value], *, is_troubled: bool) -> Collection[str]:
        # What is left out is known only when a delivery has gone well.
        return {*self.spoken(sign_up, stated), *(("first_name",) if is_troubled and "first_name" in stated else ())}


def _fields(contact: Mapping[str, Any]) -> dict[str, Value]:
    fields: dict[str, Value] = {"first_name": contact["firstName"]} if "firstName" in contact else {}
    return fields | {f"field.{entry['id']}": entry["value"] for entry in contact.get("fields", [])}


def _row(number: str, identity: str, fields: dict[str, Value]) -> dict[str, Any]:
    named = {"firstName": fields["first_name"]} if "first_name" in fields else {}
    own = [{"id": int(name[6:]), "value": value} for name, value in fields.items() if name.startswith("field.")]
    return {"id": int(number), "channels": [{"type": "email", "value": identity}], **named, "fields": own}
