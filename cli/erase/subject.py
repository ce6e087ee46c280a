"""The person to erase, and how to recognise them in what the relay stores."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from shared.contact import Contact
from shared.errors import ConfigurationError
from shared.forms.fields import EmailField, FormField, PhoneField
from shared.forms.single_values import Invalid
from shared.forms.values import parse
from shared.ledger.person_hashing import PersonHasher
from shared.queue.messages import Message, NewerVersion, UnreadableMessage
from shared.vendors.matching import digits, fold

NATIONAL_DIGITS = 8
"""A number without its country code has to agree in this many digits: shorter ones belong to many people."""

_OPTIONS: dict[str, tuple[FormField, str]] = {
    "email": (EmailField(type="email"), "is no e-mail address"),
    "phone": (PhoneField(type="phone"), "write the number with + and its country code"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One person, by normalised e-mail address, phone number (E.164) or both. Never printed."""

    addresses: Mapping[str, str] = field(repr=False)
    """`email`, `phone` or both, normalised as in a sign-up."""
    hashes: Mapping[str, str]
    """The same as keyed hashes."""

    @classmethod
    def of(cls, email: str | None, phone: str | None, people: PersonHasher) -> Self:
        """Normalise what the operator typed as a form does.

        Raises:
            ConfigurationError: not an address or a number.
            LedgerKeyUnavailable: the key that hashes people could not be read.
        """
        typed = {"email": email, "phone": phone}
        addresses = {name: _normalised(name, text) for name, text in typed.items() if text}
        return cls(addresses, {name: people.of_address(text) for name, text in addresses.items()})

    def is_in_item(self, item: Mapping[str, Any]) -> bool:
        """Whether a ledger item is about this person; quarantined sign-ups may have no hashes."""
        hashes = set(self.hashes.values())
        if hashes & set(item.get("people", ())) or any(str(item.get("id", "")).endswith(f"#{one}") for one in hashes):
            return True
        return self._is_in_text(item.get("submitted", ""))

    def is_in_message(self, body: str) -> bool:
        """Whether a message is about this person; one that cannot be parsed is searched as text."""
        try:
            return self._is(Message.parse(body).submission.contact)
        except (UnreadableMessage, NewerVersion):
            return self._is_in_text(body)

    def is_named_in_message(self, body: str) -> bool:
        """Whether a message, be it about somebody else, has the address or number in any of its values."""
        return self._is_in_text(body)

    def _is(self, contact: Contact) -> bool:
        values = {"email": contact.email, "phone": contact.phone}
        return any(fold(values[name] or "") == fold(text) for name, text in self.addresses.items())

    def _is_in_text(self, text: str) -> bool:
        return any(self._matches(leaf) for leaf in _leaves(text))

    def _matches(self, text: str) -> bool:
        email, phone = self.addresses.get("email"), self.addresses.get("phone")
        # Whole addresses only: `x.ada@…` is another person.
        if email and re.search(rf"(?<![\w.+-]){re.escape(fold(email))}(?![\w-]|\.\w)", fold(text)):
            return True
        number = digits(text).lstrip("0")
        return bool(phone) and len(number) >= NATIONAL_DIGITS and digits(phone).endswith(number)


def _normalised(name: str, text: str) -> str:
    field, hint = _OPTIONS[name]
    try:
        return str(parse(field, [text]))
    except Invalid:
        raise ConfigurationError(f"--{name}: {hint}") from None


def _leaves(text: str) -> Iterator[str]:
    """Return all scalars of a JSON text, or the text itself if it is not JSON."""
    try:
        data = json.loads(text)
    except ValueError:
        data = text
    pending = [data]
    while pending:
        match pending.pop():
            case dict() as table:
                pending += table.values()
            case list() as rows:
                pending += rows
            case leaf:
                yield str(leaf)
