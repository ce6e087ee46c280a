"""The one function of both handlers, with a vendor of a few lines: what each failure on the way ends as."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from shared.aws.secrets import Secrets
from shared.contact import Contact
from shared.deadline import Deadline
from shared.delivery.circuit import Circuits
from shared.delivery.deliver import Delivery
from shared.delivery.outcome import Delivered, Held, Outcome, Parked, Queued, Skipped
from shared.errors import CredentialsMissing, LedgerUnavailable, OutcomeUnknown, Refused, Unauthorized, Unavailable
from shared.forms import Destination
from shared.ledger.consents import Consents
from shared.ledger.holds import Holds
from shared.ledger.leases import Ledger
from shared.ledger.person_hashing import People
from shared.ledger.rate_limit import RateLimit
from shared.submission import Submission
from shared.vendors.protocol import Memory, Receipt, Task
from tests.support.clock import Clock
from tests.unit.conftest import Table


@dataclass
class FakeSecrets:
    """Serves one connection's secret; `fresh` is what a fresh look finds."""

    known: dict[str, Any] = field(default_factory=lambda: {"key": "old"})
    fresh: dict[str, Any] = field(default_factory=lambda: {"key": "old"})

    def fetch(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        if name == "ledger-key":
            return {"key": "k"}
        if fresh:
            self.known = self.fresh
        if not self.known:
            raise CredentialsMissing("no secret")
        return self.known


class Vendor:
    """Does what it is told; as a spec, a connection, options and an action at once."""

    def __init__(self) -> None:
        self.does: Callable[[Mapping[str, Any], Task, Memory], Receipt] = lambda secret, task, memory: Receipt()
        self.keys: list[str] = []
        self.connection = self

    def of_secret(self, name: str, secret: Mapping[str, Any]) -> Mapping[str, Any]:
        return secret

    def identity(self, contact: Contact) -> Mapping[str, str]:
        return {"email": contact.email} if contact.email else {}

    def place(self, name: str) -> str:
        return name

    def matching(self, answers: object) -> Vendor:
        return self

    def build(self, options: object, connection: Mapping[str, Any], http: object, deadline: Deadline) -> Any:
        def deliver(task: Task, memory: Memory) -> Receipt:
            self.keys.append(connection["key"])
            return self.does(connection, task, memory)

        return SimpleNamespace(deliver=deliver)


@dataclass
class Scene:
    table: Table
    clock: Clock
    vendor: Vendor = field(default_factory=Vendor)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    name: str = field(default_factory=lambda: f"vendor-{uuid.uuid4().hex}")
    rate_limit: str = "off"
    wanted: bool = True
    ledger: Ledger | None = None

    def deliver(self, email: str | None = "ada@example.com") -> Outcome:
        secrets = cast("Secrets", self.secrets)
        people = People(secrets)
        client, table = self.table.client, self.table.name
        delivery = Delivery(
            ledger=self.ledger or Ledger(client, table, self.clock),
            people=people,
            consents=Consents(client, table, people, 30),
            circuits=Circuits(CircuitBreakerDynamoDBPersistence(table, boto3_client=client), 3, 60),
            holds=Holds(client, table, people, self.clock),
            secrets=secrets,
            rate_limit=RateLimit(client, table, self.clock),
            http=cast("Any", None),
            search_lag=30,
            circuit_recovery=60,
            wall_clock=self.clock,
        )
        destination = SimpleNamespace(
            name=self.name,
            options=self.vendor,
            spec=self.vendor,
            custom_fields={},
            rate_limit=self.rate_limit,
            wants=lambda submission: self.wanted,
        )
        submission = Submission(
            id="s-1", form="news", received_at=self.clock.milliseconds, contact=Contact(email=email), consents=()
        )
        return delivery.deliver(cast("Destination", destination), submission, Deadline.after(0.4)).outcome

    def raises(self, error: Exception) -> None:
        def refuse(*_: object) -> Receipt:
            raise error

        self.vendor.does = refuse

    @property
    def person(self) -> dict[str, Any]:
        items = self.table.client.scan(TableName=self.table.name)["Items"]
        (key,) = (item["id"]["S"] for item in items if item["id"]["S"].startswith("person#"))
        return self.table.item(key)


@pytest.fixture
def scene(table: Table, clock: Clock) -> Scene:
    return Scene(table, clock)


def test_what_the_destination_does_not_want_is_skipped_without_a_call(scene: Scene) -> None:
    scene.wanted = False
    assert scene.deliver() == Skipped("condition")
    assert scene.vendor.keys == []


def test_who_cannot_be_identified_is_parked_without_a_call(scene: Scene) -> None:
    assert scene.deliver(email=None) == Parked("no-identity")
    assert scene.vendor.keys == []


def test_what_is_over_the_destinations_rate_limit_waits_without_a_call_or_an_attempt(scene: Scene) -> None:
    scene.rate_limit = "1/minute"
    assert scene.deliver() == Delivered()
    waiting = scene.deliver(email="bob@example.com")
    assert waiting == Queued("paced", retry_in=60 - scene.clock.now % 60, counts=False)
    assert len(scene.vendor.keys) == 1
    scene.clock.advance(120)
    assert scene.deliver(email="bob@example.com") == Delivered()


def test_what_there_is_nothing_to_write_of_takes_no_room_of_the_rate_limit(scene: Scene) -> None:
    scene.rate_limit = "1/minute"
    assert [scene.deliver(), scene.deliver()] == [Delivered(), Delivered()]
    assert len(scene.vendor.keys) == 1


def test_a_delivered_person_is_free_again_and_remembered(scene: Scene) -> None:
    assert scene.deliver() == Delivered()
    assert "lease_owner" not in scene.person
    assert list(scene.person["forms"]) == ["news"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError("sentinel")])
def test_a_defect_in_a_vendors_code_is_retried_and_gives_the_lease_back(scene: Scene, error: Exception) -> None:
    scene.raises(error)
    assert scene.deliver() == Queued("defect")
    assert "lease_owner" not in scene.person
    assert scene.person["tries"] == {"s-1": 1}


def test_a_defect_anywhere_else_is_retried_too(scene: Scene) -> None:
    def broken(contact: Contact) -> Mapping[str, str]:
        raise ZeroDivisionError

    scene.vendor.identity = broken  # type: ignore[method-assign]
    assert scene.deliver() == Queued("defect")


def test_what_a_vendor_leaves_out_or_doubts_is_counted(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.vendor.does = lambda *_: Receipt(("npi",), warnings=2)
    assert scene.deliver() == Delivered()
    written = capsys.readouterr().out
    assert '"PartsLeftOut":[1.0]' in written
    assert '"VendorWarnings":[2.0]' in written


def test_a_person_in_other_hands_is_left_to_them(scene: Scene) -> None:
    scene.deliver()
    scene.clock.advance(1)
    ledger = Ledger(scene.table.client, scene.table.name, scene.clock)
    ledger.lease(scene.person["id"], set(), Deadline.after(5))
    outcome = scene.deliver()
    assert isinstance(outcome, Queued)
    assert (outcome.reason, outcome.counts) == ("busy", False)


def test_a_lease_that_was_lost_meanwhile_makes_even_a_success_be_delivered_again(scene: Scene) -> None:
    def slow(*_: object) -> Receipt:
        scene.clock.advance(60)
        Ledger(scene.table.client, scene.table.name, scene.clock).lease(scene.person["id"], set(), Deadline.after(5))
        return Receipt()

    scene.vendor.does = slow
    assert scene.deliver() == Queued("ledger-unavailable", counts=False)
    assert "forms" not in scene.person


def test_a_secret_that_was_changed_meanwhile_is_tried_at_once(scene: Scene) -> None:
    def pick(secret: Mapping[str, Any], *_: object) -> Receipt:
        if secret["key"] == "old":
            raise Unauthorized("fake", "create contact", status=401)
        return Receipt()

    scene.vendor.does = pick
    scene.secrets.fresh = {"key": "new"}
    assert scene.deliver() == Delivered()
    assert scene.vendor.keys == ["old", "new"]
    assert scene.table.item(f"hold#{scene.name}") == {}


def test_the_secret_that_was_refused_is_the_one_that_is_held(scene: Scene) -> None:
    scene.raises(Unauthorized("fake", "create contact", status=401))
    scene.secrets.fresh = {"key": "new"}
    assert scene.deliver() == Held()
    assert scene.vendor.keys == ["old", "new"]

    assert scene.deliver() == Held()
    assert scene.vendor.keys == ["old", "new"], "neither is tried again"
    scene.secrets.fresh = {"key": "newest"}
    scene.deliver()
    assert scene.vendor.keys[2] == "newest"


def test_a_missing_secret_holds(scene: Scene) -> None:
    scene.secrets.known = scene.secrets.fresh = {}
    assert scene.deliver() == Held()
    assert scene.table.item(f"hold#{scene.name}")["hold_since"] == scene.clock.milliseconds


def test_holds_that_cannot_be_put_on_record_change_no_outcome(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise LedgerUnavailable("DynamoDB failed")

    monkeypatch.setattr(Holds, "begin", unavailable)
    monkeypatch.setattr(Holds, "end", unavailable)
    assert scene.deliver() == Delivered()
    scene.clock.advance(1)
    scene.raises(Unauthorized("fake", "create contact", status=401))
    assert scene.deliver() == Held()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Unavailable("fake", "create contact", status=503), Queued("unavailable")),
        (OutcomeUnknown("fake", "create contact"), Queued("outcome-unknown")),
        (Refused("fake", "create contact", status=422), Parked("refused")),
    ],
)
def test_a_failed_attempt_is_counted_until_the_delivery_has_ended(
    scene: Scene, error: Exception, outcome: Outcome
) -> None:
    scene.raises(error)
    assert scene.deliver() == outcome
    assert scene.person["tries"] == ({} if isinstance(outcome, Parked) else {"s-1": 1})
