"""Whautomate in memory: contacts by phone number, a PUT that replaces them whole, tags that start automations.

The sources are those that `shared/vendors/whautomate/client.py` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.http.call import Call
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Account, Answer, Contact, Value, Work, path_of, query_of


class Whautomate(Account):
    """One Whautomate account."""

    def identity_of(self, email: str, phone: str | None) -> str:
        return phone or ""

    def answer(self, call: Call, work: Work) -> Answer:
        match (call.method, *path_of(call)):
            case ("GET", "v1", "contacts"):
                return Answer(200, [_row(*hit) for hit in self.found(query_of(call)["searchText"])])
            case ("GET", "v1", "account-info"):
                return Answer(200, {"name": "Example"})
            case ("POST", "v1", "contacts"):
                contact = self.create(work, call.body["phoneNumber"], _fields(call.body))
                return Answer(201, _row(contact.id, contact.identity, contact.fields))
            case (_, "v1", "contacts", number, *rest):
                held = self.contacts.get(number)
                return Answer(404) if held is None else self._answer_for(held, call, rest, work)
        raise AssertionError(f"no such call: {call.method} {call.url}")

    def _answer_for(self, held: Contact, call: Call, rest: list[str], work: Work) -> Answer:
        if call.method == "PUT":
            fields = _fields(call.body)
            self.write(work, held, {**{name: None for name in held.fields if name not in fields}, **fields})
        elif rest == ["tags", "add"]:
            self.write(work, held, {f"tag.{tag}": True for tag in call.body["tags"]})
        return Answer(200, _row(held.id, held.identity, held.fields))

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        spoken = {"first_name": "name", "size": "custom.size"}
        own: dict[str, Value] = {theirs: stated[ours] for ours, theirs in spoken.items() if ours in stated}
        return {**own, f"tag.Tag-{sign_up.form}": True}

    def is_unstated(self, contact: Contact, name: str, value: Value | None) -> bool:
        return name == "name" and value == contact.identity  # a name is required: the number stands in


def _tags(fields: Mapping[str, Value]) -> list[str]:
    return [name.removeprefix("tag.") for name in fields if name.startswith("tag.")]


def _fields(body: Mapping[str, Any]) -> dict[str, Value]:
    fields: dict[str, Value] = {"name": body["name"]}
    fields |= {f"custom.{name}": value for name, value in body.get("customFields", {}).items()}
    return fields | {f"tag.{tag}": True for tag in body.get("tags", [])}


def _row(number: str, identity: str, fields: dict[str, Value]) -> dict[str, Any]:
    custom = {name[7:]: value for name, value in fields.items() if name.startswith("custom.")}
    return {
        "id": number,
        "phoneNumber": identity,
        "name": fields.get("name", ""),
        "location": {"id": "L1"},
        "customFields": custom,
        "tags": _tags(fields),
    }
