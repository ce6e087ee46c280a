"""A delivery without AWS and without HTTP: the ledger in memory, a clock, and a vendor that does what a test says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from shared.aws.secrets import Secrets
from shared.contact import Channel, Contact, Value
from shared.deadline import Deadline
from shared.delivery.circuit import Circuits
from shared.delivery.deliver import Delivery, receipt_is_kept
from shared.delivery.gatekeeper import Gatekeeper
from shared.delivery.outcome import Attempt, Outcome
from shared.delivery.outcome_for import health_of
from shared.errors import CredentialsMissing
from shared.forms import Destination
from shared.ledger.gates import Gates
from shared.ledger.leases import Claim, Leases
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import RateLimit
from shared.person_record import NoMemory, PersonRecord, VendorMemory
from shared.submission import ConsentReceipt, Grant, Submission
from shared.vendors.protocol import DeliveryRequest, WriteResult
from tests.support.clock import Clock
from tests.support.memory_table import Killed, MemoryTable

SEARCH_LAG = 30.0
BUDGET = 8.0


@dataclass
class FakeSecrets:
    """Serves secrets by name; a fresh look finds what is in `fresh`."""

    known: dict[str, Any] = field(default_factory=lambda: {"key": "old"})
    fresh: dict[str, Any] = field(default_factory=lambda: {"key": "old"})
    of_others: dict[str, dict[str, Any]] = field(default_factory=dict)

    def fetch(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        if name == "ledger-key":
            return {"key": "k"}
        if name in self.of_others:
            return self.of_others[name]
        if fresh:
            self.known = self.fresh
        if not self.known:
            raise CredentialsMissing("no secret")
        return self.known


@dataclass(frozen=True)
class FakeConnection:
    secret: Mapping[str, Any]

    @classmethod
    def of_secret(cls, name: str, secret: Mapping[str, Any]) -> FakeConnection:
        return cls(secret)

    @property
    def account_key(self) -> tuple[str, ...]:
        return (self.secret.get("account") or self.secret["key"],)


Deliver = Callable[[DeliveryRequest, PersonRecord], WriteResult]


def write(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
    """Write all that the request still says."""
    return WriteResult()


@dataclass
class FakeVendor:
    """A spec, its options and its action at once. `does` is what the next deliveries do."""

    does: Deliver = write
    requests: list[DeliveryRequest] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    vendor: str = "fake"
    connection: type[FakeConnection] = FakeConnection
    memory: type[VendorMemory] = NoMemory
    each_submission: bool = False
    probe: Callable[[Any, Any, Deadline], None] | None = None

    def identity(self, contact: Contact) -> Mapping[str, str]:
        return {"email": contact.email} if contact.email else {}

    def account_parts(self) -> tuple[str, ...]:
        return ()

    has_late_part = False

    def target_field(self, name: str) -> str:
        return name

    def matching(self, answers: object) -> FakeVendor:
        return self

    def build(self, options: object, connection: FakeConnection, http: object, deadline: Deadline) -> FakeAction:
        self.keys.append(str(connection.secret["key"]))
        return FakeAction(self)

    def raises(self, error: BaseException) -> None:
        """Let the next deliveries end with this error."""

        def fail(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
            raise error

        self.does = fail


@dataclass
class FakeAction:
    vendor: FakeVendor

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        self.vendor.requests.append(request)
        return self.vendor.does(request, record)


@dataclass
class FakeDestination:
    name: str
    spec: FakeVendor
    rate_limit: str = "off"
    custom_fields: dict[str, str | int] = field(default_factory=dict)
    wanted: bool = True
    filled: frozenset[str] = frozenset()
    asked: frozenset[Channel] = frozenset()

    def wants(self, submission: Submission) -> bool:
        return self.wanted

    @property
    def options(self) -> FakeVendor:
        return self.spec


@dataclass
class Scene:
    """One destination, in one execution environment."""

    table: MemoryTable = field(default_factory=MemoryTable)
    clock: Clock = field(default_factory=Clock)
    vendor: FakeVendor = field(default_factory=FakeVendor)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    name: str = field(default_factory=lambda: f"vendor-{uuid.uuid4().hex}")
    rate_limit: str = "off"
    custom_fields: dict[str, str | int] = field(default_factory=dict)
    wanted: bool = True
    filled: frozenset[str] = frozenset()
    asked: frozenset[Channel] = frozenset()

    def __post_init__(self) -> None:
        self.hasher = PersonHasher(cast("Secrets", self.secrets))
        self.leases = Leases(self.table, SEARCH_LAG, self.clock, sleep=self.clock.advance, jitter=lambda: 0.5)
        self.delivery = self.environment()

    def environment(self) -> Delivery:
        """Return a delivery that has cached nothing yet."""
        gates = Gates(self.table, self.hasher, self.clock)
        return Delivery(
            gatekeeper=Gatekeeper(gates, cast("Secrets", self.secrets), self.clock),
            leases=self.leases,
            hasher=self.hasher,
            circuits=Circuits(gates, 3, 60, health_of),
            rate_limit=RateLimit(self.table, self.clock),
            http=cast("Any", None),
            search_lag=SEARCH_LAG,
        )

    def attempt(
        self,
        submission: Submission | None = None,
        ensure_receipt: Callable[[], None] = receipt_is_kept,
        to: str | None = None,
    ) -> Attempt:
        """Try to deliver, to this destination or to another one of the same vendor."""
        destination = FakeDestination(
            to or self.name, self.vendor, self.rate_limit, self.custom_fields, self.wanted, self.filled
        )
        deadline = Deadline.after(BUDGET, self.clock)
        sent = submission or self.sign_up()
        return self.delivery.deliver(cast("Destination", destination), sent, deadline, ensure_receipt)

    def deliver(self, submission: Submission | None = None, to: str | None = None) -> Outcome:
        """Try to deliver; return how it ended."""
        return self.attempt(submission, to=to).outcome

    def crash(self, submission: Submission | None = None) -> None:
        """Deliver, and let the process die once the vendor has written, before the lease is released."""

        def write_and_die(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
            self.table.kill_at_next_update()
            return does(request, record)

        does, self.vendor.does = self.vendor.does, write_and_die
        with suppress(Killed):
            self.attempt(submission)
        self.vendor.does = does
        self.table.revive()

    def sign_up(
        self,
        submission_id: str = "s-1",
        *,
        form: str = "news",
        channels: tuple[Channel, ...] = (),
        custom: Mapping[str, Value] | None = None,
        email: str | None = "ada@example.com",
        **contact: str,
    ) -> Submission:
        """Return a sign-up made now."""
        grants = (Grant(channels=channels, field="yes", statement="Send me news.", version="1"),)
        return Submission(
            id=submission_id,
            form=form,
            received_at=self.clock.milliseconds,
            contact=Contact(**{**contact, **({"email": email} if email else {})}),
            custom=dict(custom or {}),
            receipt=ConsentReceipt(given_at="2027-01-15T08:00:00.000Z", grants=grants) if channels else None,
        )

    def take_lease(self, seconds: float = 5) -> None:
        """Take the lease on the only person there is, as another delivery would, and keep it."""
        claim = Claim(self.person["id"], frozenset(), "0", "other content", frozenset(), NoMemory)
        with suppress(Killed), self.leases.hold(claim, Deadline.after(seconds, self.clock)):
            self.table.kill_at_next_update()
        self.table.revive()

    @property
    def gate(self) -> dict[str, Any]:
        return self.table.item(f"gate#{self.name}")

    @property
    def people(self) -> list[dict[str, Any]]:
        return self.table.items("person#")

    @property
    def person(self) -> dict[str, Any]:
        (item,) = self.people
        return item
