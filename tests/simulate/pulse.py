"""Pulse in memory: a search that lags, creates that make duplicates, arrays that are replaced whole, form submissions.

The sources are those that `shared/vendors/pulse/client.py` names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from shared.http.call import Call
from tests.simulate.plan import SignUp
from tests.simulate.vendor import Account, Answer, Value, Work, path_of, query_of


class Pulse(Account):
    """One Pulse account: contacts by e-mail address."""

    def answer(self, call: Call, work: Work) -> Answer:
        match (call.method, *path_of(call)):
            case ("GET", "contacts", "search"):
                hits = self.found(query_of(call)["simpleSearch"])
                return Answer(200, {"items": [_row(*hit) for hit in hits]})
            case ("POST", "contacts"):
                identity, fields = call.body["emails"][0]["emailAddress"], _fields(call.body)
                return Answer(201, {"id": self.create(work, identity, fields).id})
            case ("PUT", "contacts", number):
                return self._update(number, call.body, work)
            case ("POST", "forms", _, "submit"):
                return self._submit(call.body, work)
            case ("GET", "forms"):
                return Answer(200, {"items": []})
        raise AssertionError(f"no such call: {call.method} {call.url}")

    def _update(self, number: str, body: dict[str, Any], work: Work) -> Answer:
        contact = self.contacts.get(number)
        if contact is None:
            return Answer(404)
        fields: dict[str, Value | None] = dict(_fields(body))
        if "phones" in body:
            fields |= {name: None for name in contact.fields if name.startswith(_PHONES) and name not in fields}
        self.write(work, contact, fields)
        return Answer(200, {"id": number})

    def _submit(self, body: dict[str, Any], work: Work) -> Answer:
        flags = {
            "isPhoneSubscribed": body.get("phoneIsCallSubscribed"),
            "isSmsSubscribed": body.get("phoneIsSmsSubscribed"),
        }
        nested = {
            **body,
            "emails": [{"emailAddress": body["emailAddress"], "isSubscribed": body.get("emailIsSubscribed")}],
            "phones": [{"phone": body["phone"], **flags}] if "phone" in body else [],
            "customFields": {},  # a submission's own answers
        }
        contact = self.with_identity(body["emailAddress"])
        if contact is None:
            self.create(work, body["emailAddress"], _fields(nested))
        else:
            self.write(work, contact, _fields(nested))
        self.fire("form_action", work)
        return Answer(200, {"ok": True})

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        phone = str(stated.get("phone", ""))[2:]
        names = {"first_name": "first_name", "consent.email": "flag.email"}
        names |= {"size": "custom.size"} if sign_up.form != "c" else {}
        spoken = {theirs: stated[ours] for ours, theirs in names.items() if ours in stated}
        if phone:
            spoken[f"phone.{phone}"] = True
            spoken |= {f"sms.{phone}": True} if "consent.sms" in stated else {}
        return spoken

    def claimed(self, sign_up: SignUp, stated: Mapping[str, Value], *, is_troubled: bool) -> Collection[str]:
        # Whether a submission's own answers are written into the contact is not documented.
        return {*self.spoken(sign_up, stated), *(("custom.size",) if "size" in stated else ())}


_PHONES = ("phone.", "sms.", "call.")


def _fields(body: Mapping[str, Any]) -> dict[str, Value]:
    """Return a contact's fields from the body of a write."""
    fields: dict[str, Value] = {"first_name": body["firstName"]} if "firstName" in body else {}
    fields |= {f"custom.{name}": value for name, value in body.get("customFields", {}).items()}
    if any(entry.get("isSubscribed") for entry in body.get("emails", [])):
        fields["flag.email"] = True
    for entry in body.get("phones", []):
        fields[f"phone.{entry['phone']}"] = True
        fields |= {f"sms.{entry['phone']}": True} if entry.get("isSmsSubscribed") else {}
        fields |= {f"call.{entry['phone']}": True} if entry.get("isPhoneSubscribed") else {}
    return fields


def _row(number: str, identity: str, fields: dict[str, Value]) -> dict[str, Any]:
    """Return a contact as the search shows it."""
    phones = [name.removeprefix("phone.") for name in fields if name.startswith("phone.")]
    return {
        "id": int(number),
        "firstName": fields.get("first_name"),
        "emails": [{"id": 1, "emailAddress": identity, "isSubscribed": bool(fields.get("flag.email"))}],
        "phones": [
            {
                "id": index + 2,
                "phone": phone,
                "isSmsSubscribed": bool(fields.get(f"sms.{phone}")),
                "isPhoneSubscribed": bool(fields.get(f"call.{phone}")),
            }
            for index, phone in enumerate(phones)
        ],
        "customFields": {name[7:]: value for name, value in fields.items() if name.startswith("custom.")},
    }
