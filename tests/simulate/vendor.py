"""What all vendors of the simulator share: contacts with a history, a search that lags, and a journal of writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, urlsplit

from shared.http.call import Call
from tests.simulate.clock import Clock
from tests.simulate.plan import SignUp

Value = str | bool


@dataclass(frozen=True)
class Work:
    """Whose request it is: the sign-up and destination that a delivery works on, and when it was begun.

    Attributes:
        handed_at: when the queue handed its message out; None where it comes straight from the visitor.
        troubles: how much had gone wrong with the sign-up before.
    """

    sign_up: SignUp
    stamp: str
    destination: str
    at: float
    handed_at: float | None = None
    troubles: int = 0


@dataclass
class Contact:
    """A contact as plain fields. `identity` is what the vendor finds it by."""

    id: str
    identity: str
    fields: dict[str, Value] = field(default_factory=dict)
    writers: dict[str, Work] = field(default_factory=dict)
    edited_at: float = float("-inf")
    """When somebody at the vendor made somebody else of it."""
    history: list[tuple[float, str, dict[str, Value]]] = field(default_factory=list)

    def seen_at(self, moment: float) -> tuple[str, dict[str, Value]] | None:
        """Return identity and fields as a search shows them that lags behind until `moment`."""
        for at, identity, fields in reversed(self.history):
            if at <= moment:
                return identity, fields
        return None


@dataclass(frozen=True)
class Event:
    """A workflow event that the vendor has fired."""

    name: str
    work: Work


@dataclass(frozen=True)
class Answer:
    """What the vendor answers."""

    status: int
    body: Any = None


class Watcher(Protocol):
    """Who judges every change, before it is made."""

    def on_change(self, account: Account, work: Work, contact: Contact, name: str, new: Value | None) -> None: ...

    def on_write(self, account: Account, work: Work, contact: Contact, *, is_new: bool) -> None: ...

    def on_event(self, account: Account, event: Event) -> None: ...


@dataclass
class Account:
    """One vendor account. A subclass speaks one vendor's API: `answer` for one request, with its changes."""

    name: str
    clock: Clock
    watcher: Watcher
    lag: float = 0.0
    strict: bool = False
    contacts: dict[str, Contact] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    replaces_unconfirmed: ClassVar[bool] = False
    """Whether a write takes back what an unconfirmed one wrote, because nobody can read what is there."""

    def answer(self, call: Call, work: Work) -> Answer:
        raise NotImplementedError

    def identity_of(self, email: str, phone: str | None) -> str:
        """Return what this vendor finds a person by."""
        return email

    def spoken(self, sign_up: SignUp, stated: Mapping[str, Value]) -> dict[str, Value]:
        """Return the fields here that a sign-up states, with their values; see `people.stated`."""
        raise NotImplementedError

    def claimed(self, sign_up: SignUp, stated: Mapping[str, Value], *, is_troubled: bool) -> Collection[str]:
        """Return the fields that a sign-up may write, as far as anybody knows: an older one leaves them alone."""
        return self.spoken(sign_up, stated)

    def is_unstated(self, contact: Contact, name: str, value: Value | None) -> bool:
        """Whether a value only fills a place that the vendor requires, and states nothing."""
        return False

    def only_repeats(self, work: Work, name: str) -> bool:
        """Whether a write holds this value only because it is whole, and the sign-up says nothing of it."""
        return False

    def create(self, work: Work, identity: str, fields: Mapping[str, Value], number: str | None = None) -> Contact:
        contact = Contact(number or str(len(self.contacts) + 1), identity)
        self.watcher.on_write(self, work, contact, is_new=True)
        self.contacts[contact.id] = contact
        self.change(work, contact, fields)
        return contact

    def write(self, work: Work, contact: Contact, fields: Mapping[str, Value | None]) -> None:
        self.watcher.on_write(self, work, contact, is_new=False)
        self.change(work, contact, fields)

    def change(self, work: Work, contact: Contact, fields: Mapping[str, Value | None]) -> None:
        for name, value in fields.items():
            if contact.fields.get(name) == value:
                continue
            self.watcher.on_change(self, work, contact, name, value)
            if value is None:
                del contact.fields[name]
            else:
                contact.fields[name] = value
            if value is None or self.only_repeats(work, name):
                contact.writers.pop(name, None)
            elif not self.is_unstated(contact, name, value):
                contact.writers[name] = work
        self.keep(contact)

    def keep(self, contact: Contact) -> None:
        """Note what a search will show."""
        contact.history.append((self.clock.now, contact.identity, dict(contact.fields)))

    def fire(self, name: str, work: Work) -> None:
        event = Event(name, work)
        self.watcher.on_event(self, event)
        self.events.append(event)

    def found(self, identity: str) -> list[tuple[str, str, dict[str, Value]]]:
        """Return id, identity and fields of what the search shows, as it was when it last caught up."""
        shown = [(each.id, each.seen_at(self.clock.now - self.lag)) for each in self.contacts.values()]
        return [(number, *seen) for number, seen in shown if seen is not None and seen[0] == identity]

    def with_identity(self, identity: str) -> Contact | None:
        """Return the contact as the vendor itself finds it: at once."""
        return next((each for each in self.contacts.values() if each.identity == identity), None)


def query_of(call: Call) -> dict[str, str]:
    return {**dict(parse_qsl(urlsplit(call.url).query)), **dict(call.query)}


def path_of(call: Call) -> Sequence[str]:
    return urlsplit(call.url).path.strip("/").split("/")
