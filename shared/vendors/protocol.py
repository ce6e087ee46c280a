"""What the delivery and a vendor's file agree on. A vendor file knows this, its flow and HTTP calls, and nothing else.

`ActionSpec` is what a vendor registers: how its part of a form file is checked, whom it can identify, how it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict

from shared.conditions import Answer, Condition, Conditional
from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.http.vendor_http import VendorHttp
from shared.person_record import NoMemory, PersonRecord, VendorMemory
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

    def account_parts(self) -> tuple[str, ...]:
        """Return what, within a vendor's account, holds contacts of its own, such as a list; most vendors: nothing."""
        return ()

    def sends(self) -> frozenset[str]:
        """Contact attributes for which the vendor has a place; others are left out and counted."""
        raise NotImplementedError

    def withheld(self, required: frozenset[str], region: str | None) -> Mapping[str, str]:
        """Return what does not reach the vendor because of the options: attribute → the option that would send it.

        Args:
            required: attributes that every sign-up of the form has.
            region: the country of phone numbers that name none; None where each must name it.
        """
        return {}

    def needs_consent(self, asked: frozenset[Channel]) -> tuple[Condition, ...]:
        """Return for whom consent should be asked first, since the vendor writes to them; `{}` is everybody.

        Args:
            asked: channels for which the form has a consent field.
        """
        return ()

    def carried_consents(self) -> frozenset[Channel]:
        """Channels of which the vendor learns that consent was given; most of them by a flag of the contact."""
        return frozenset()

    def consent_key(self, channel: Channel) -> str | None:
        """Return the option that would carry the consent of a channel, where there is one to set."""
        return None

    @property
    def has_late_part(self) -> bool:
        """Whether an older sign-up brings something of its own though newer ones wrote all of its fields."""
        return False

    def target_field(self, name: str) -> str:
        """Return the vendor's field that a value is written to: of what two forms write to it, the newer value stays.

        Args:
            name: a contact attribute, a consent (`consent.email`), or the vendor's own custom field (`custom.12`).
        """
        return name


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What one delivery may still write, after the late-write filter.

    Attributes:
        submission_id: the sign-up's id.
        contact: its attributes.
        channels: those whose consent this sign-up carries; absent means no statement, never "off".
        custom: values by the vendor's own custom field.
        now: seconds since the epoch.
        search_lag: seconds for which the vendor's search may hide a contact that was just created.
        is_late: a newer sign-up of the same form has been delivered: its workflow event must not run again.
        fill: the vendor's fields, by `Options.target_field`, that are written only where the contact holds nothing.
        asked: channels for which the form asks consent; without a tick nothing may be subscribed to by them.
    """

    submission_id: str
    contact: Contact
    channels: frozenset[Channel]
    custom: Mapping[str | int, Value]
    now: float
    search_lag: float
    is_late: bool = False
    fill: frozenset[str] = frozenset()
    asked: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a vendor action has to say after success.

    Attributes:
        left_out: parts of the contact that the vendor's rules would have refused: attributes, `consent.<channel>`, or
            the vendor's own custom fields. They count as not written.
        shortened: parts of which only the beginning was written. They count as written.
        warnings: doubts the vendor itself reported along with its success.
        look_again_in: seconds after which to deliver once more, to see what became of a part that the vendor works on
            later; None where all is done.
    """

    left_out: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()
    warnings: int = 0
    look_again_in: float | None = None


class Action(Protocol):
    """One documented way of delivering a contact."""

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """Deliver, or raise a `VendorError` that says what the failure means."""
        ...


Erase = Callable[[Any, VendorHttp, Deadline, str, Callable[[str], bool]], bool]
"""(connection, http, deadline, contact id, whether an e-mail or E.164 number is theirs) → whether it was deleted."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A vendor's action as it is registered in `shared/vendors/registry.py`."""

    vendor: str
    action: str
    options: type[Options]
    connection: type[Connection]
    build: Callable[[Any, Any, VendorHttp, Deadline], Action]
    """(options, connection, http, deadline) → action."""
    custom_field: type[str | int] = str
    """How this vendor names a custom field in `[destinations.custom_fields]`."""
    custom_field_names: frozenset[str] | None = None
    """The only names it takes there, where they are fixed: an empty set where a contact has no custom fields. None: the
    tenant's own, which we cannot know."""
    probe: Callable[[Any, VendorHttp, Deadline], None] | None = None
    """(connection, http, deadline): a read-only call that proves credentials; None where the vendor has none."""
    erase: Erase | None = None
    """Deletes one contact, by the id we remember and only while it is still that person's; None: no documented call."""
    left_by_erasure: Callable[[Any], VendorMemory] | None = None
    """(memory) → what the ledger keeps when the vendor has deleted the contact, without the person; None: nothing."""
    memory: type[VendorMemory] = NoMemory
    """What is remembered of a contact beside its id; one model per vendor, since its actions share it."""
    reads_contact: bool = False
    """The contact can be read before it is written, so that a form may say `write = "fill"`."""
    each_submission: bool = False
    """Every submission is a matter of its own and is delivered, also after a newer one."""
