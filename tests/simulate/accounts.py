"""The accounts of one schedule's vendor: who is in them already, which key they take, and where the secrets point."""

from __future__ import annotations

import json
from base64 import b64decode

from shared.http.call import Call
from tests.simulate.clock import START, Clock
from tests.simulate.esputnik import ESputnik
from tests.simulate.higherlogic import HigherLogic
from tests.simulate.people import email_of, phone_of
from tests.simulate.plan import Plan
from tests.simulate.pulse import Pulse
from tests.simulate.vendor import Account, Answer, Contact, Watcher, Work
from tests.simulate.whautomate import Whautomate
from tests.simulate.which50 import Which50

VENDORS: dict[str, type[Account]] = {
    "pulse": Pulse,
    "esputnik": ESputnik,
    "whautomate": Whautomate,
    "which50": Which50,
    "higherlogic": HigherLogic,
}
FORMS = {name: ("a", "b", "c") if name == "pulse" else ("a", "b") for name in VENDORS}
"""Forms of each vendor; all deliver to one account, each through a connection of its own."""


class Accounts:
    """Two accounts of one vendor; the secrets point at the first until they are pointed at the second."""

    def __init__(self, plan: Plan, clock: Clock, watcher: Watcher) -> None:
        self._plan = plan
        build = VENDORS[plan.vendor]
        names = ("one", "two")
        self.all = {name: build(name, clock, watcher, plan.search_lag, plan.strict_minute) for name in names}
        self.current, self._key = "one", 1
        for name, strangers in (("one", 1), ("two", 3)):  # whoever has the same ids in another account
            for number in range(strangers):
                self._add(self.all[name], f"stranger{number}")
        if plan.is_known and plan.vendor != "higherlogic":  # where nobody can be looked for
            self._add(self.all["one"], self.all["one"].identity_of(email_of(0), phone_of(0, 0)))

    @staticmethod
    def _add(account: Account, identity: str) -> None:
        contact = Contact(str(len(account.contacts) + 1), identity)
        account.contacts[contact.id] = contact
        contact.history.append((START - 86_400, identity, {}))

    def secrets(self) -> dict[str, str]:
        """Return the right secrets, by connection."""
        vendor = self._plan.vendor
        key = f"key-{self._key}"
        secret = {
            "base_url": f"https://{self.current}.example.com",
            "account": self.current,
            "account_id": self.current,
            "api_token": key,
            "api_key": key,
            "headers": {"x-key": key},
        }
        return {f"{vendor}-{form}": json.dumps(secret) for form in FORMS[vendor]}

    def rotate(self) -> None:
        self._key += 1

    def repoint(self) -> None:
        self.current = "two"

    def edit_identities(self, identity: str) -> None:
        account = self.all["one"]
        theirs = {account.identity_of(email_of(0), phone_of(0, number)) for number in range(2)}
        for contact in account.contacts.values():
            if contact.identity in theirs:
                contact.identity, contact.edited_at = identity, account.clock.now
                account.keep(contact)

    def answer(self, call: Call, work: Work) -> Answer:
        """Work a request off, or refuse it: a wrong key, or a firewall's objection to markup."""
        if not any(value.endswith(f"key-{self._key}") or self._is_basic(value) for value in call.headers.values()):
            return Answer(401)
        if call.writes and "<b>" in json.dumps(call.body):
            return Answer(403, {"message": "Forbidden"})
        return self.all[account_in(call)].answer(call, work)

    def _is_basic(self, value: str) -> bool:
        return value.startswith("Basic ") and b64decode(value[6:]).decode().endswith(f"key-{self._key}")


def account_in(call: Call) -> str:
    """Return the name of the account that a request goes to."""
    return call.url.split("/")[2].split(".")[0]
