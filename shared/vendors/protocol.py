"""What the delivery and a vendor's file agree on. A vendor file knows this, its flow and HTTP calls, and nothing else.

`ActionSpec` is what a vendor registers: how its part of a form file is checked, whom it can identify, how it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict

from shared.conditions import Answer, Conditional
from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.vendors.connection import Connection

Requirement = frozenset[str]
"""Contact attributes of which a form must be able to supply at least one."""

Identity = Mapping[str, str]
"""What a destination knows a person by, e.g. `{"email": "a@example.com"}`; empty when the contact lacks it."""


class Options(BaseModel):
    """Base of every action's `[destinations.options]`; also says what the action needs of a contact."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def matching(self, answers: Mapping[str, Answer]) -> Self:
        """Return the options of a sign-up with these answers: without the entries whose condition does not hold."""
        lists = {name: value for name, value in self if isinstance(value, tuple)}
        kept = {
            name: tuple(entry for entry in value if not isinstance(entry, Conditional) or entry.applies(answers))
            for name, value in lists.items()
        }
        return self.model_copy(update=kept)

    def requires(self) -> tuple[Requirement, ...]:
        """Attributes without which no delivery can succeed; checked when a form loads."""
        raise NotImplementedError

    def identity(self, contact: Contact) -> Identity:
        """What this destination will look the contact up by."""
        raise NotImplementedError

    def sends(self) -> frozenset[str]:
        """Contact attributes for which the vendor has a place; others are left out and counted."""
        raise NotImplementedError

    def needs_consent(self) -> bool:
        """Whether the vendor writes to everybody who arrives there, so that a form should ask for consent first."""
        return False

    def place(self, name: str) -> str:
        """Return where a value ends at the vendor: of what two forms write to one place, the newer value stays.

        Args:
            name: a contact attribute, a consent (`consent.email`), or the vendor's own custom field (`custom.12`).
        """
        return name


class Attempt(Protocol):
    """A write on record whose outcome is unknown."""

    @property
    def at(self) -> float:
        """When it was last sent, seconds since the epoch."""
        ...

    @property
    def count(self) -> int:
        """How many times it was sent."""
        ...

    @property
    def over(self) -> float:
        """When nobody waited for its answer any more; the vendor may have worked on it until then."""
        ...


class Memory(Protocol):
    """What is remembered of one person at one destination, held under the lease; written back when it ends."""

    contact_id: str | None
    details: dict[str, Any]
    permanent: bool
    confirmed: bool
    """Whether the vendor has confirmed the contact's fields, however what comes after them ends."""

    def attempted(self, operation: str, digest: str = "") -> Attempt | None:
        """Return the write of this kind whose outcome is unknown, if there is one."""
        ...

    def lost(self, operation: str) -> Mapping[str, Attempt]:
        """Return all writes of this kind whose outcome is unknown, by digest."""
        ...

    def mark(self, operation: str, digest: str = "") -> Attempt:
        """Put a write on record before it is sent; raises `LedgerUnavailable` when it must not be sent."""
        ...

    def settle(self, operation: str, digest: str = "") -> None:
        """Take the write off the record: its outcome is known now."""
        ...

    def put_back(self, operation: str, digest: str, before: Any) -> None:
        """Let the record say what it said `before` this write, which is known to have written nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What one delivery may still write, after the late-write guard."""

    submission_id: str
    contact: Contact
    channels: frozenset[Channel]
    """Channels whose consent this sign-up carries. Absent means no statement, never "off"."""
    custom: Mapping[str | int, Value]
    """Values by the vendor's own custom field."""
    now: float
    """Seconds since the epoch."""
    search_lag: float
    """Seconds for which the vendor's search may hide a contact that was just created."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a vendor action has to say after success.

    Attributes:
        left_out: parts of the contact that the vendor's rules would have refused, by our name or the vendor's.
        warnings: doubts the vendor itself reported along with its success.
    """

    left_out: tuple[str, ...] = ()
    warnings: int = 0


class Action(Protocol):
    """One documented way of delivering a contact."""

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Deliver, or raise a `VendorError` that says what the failure means."""
        ...


Erase = Callable[[Any, VendorHttp, Deadline, str, Callable[[str], bool]], bool]
"""(connection, http, deadline, contact id, whether an e-mail or E.164 number is theirs) → whether it was deleted."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A vendor's action as it is registered in `shared/vendors/__init__.py`."""

    vendor: str
    action: str
    options: type[Options]
    connection: type[Connection]
    build: Callable[[Any, Any, VendorHttp, Deadline], Action]
    """(options, connection, http, deadline) → action."""
    custom_field: type[str | int] = str
    """How this vendor names a custom field in `[destinations.custom_fields]`."""
    custom_field_names: frozenset[str] | None = None
    """The only names it takes there, where they are fixed; None: the tenant's own, which we cannot know."""
    probe: Callable[[Any, VendorHttp, Deadline], None] | None = None
    """(connection, http, deadline): a read-only call that proves credentials; None where the vendor has none."""
    erase: Erase | None = None
    """Deletes one contact, by the id we remember and only while it is still that person's; None: no documented call."""
