"""The one function of both handlers, with a vendor of a few lines: what each failure on the way ends as."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.contact import Contact
from shared.delivery.outcome import Delivered, Held, Outcome, Parked, Queued, Skipped
from shared.delivery.outcome_for import MOST_DEFECTS
from shared.errors import (
    Forbidden,
    LedgerKeyUnavailable,
    LedgerUnavailable,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from shared.ledger.gates import Gates
from shared.person_record import PersonRecord
from shared.vendors.protocol import DeliveryRequest, WriteResult
from tests.support.delivery_scene import Scene

DEFECT = Queued("defect", most_attempts=MOST_DEFECTS)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_who_cannot_be_identified_is_skipped_without_a_call_and_alarms_nobody(scene: Scene) -> None:
    assert scene.deliver(scene.sign_up(email=None)) == Skipped("no-identity")
    assert (scene.vendor.keys, scene.table.calls) == ([], [])


def test_what_the_destination_does_not_want_is_skipped_without_a_call(scene: Scene) -> None:
    scene.wanted = False
    assert scene.deliver() == Skipped("condition")
    assert (scene.vendor.keys, scene.table.calls) == ([], [])


def test_what_is_over_the_destinations_rate_limit_waits_without_a_call_or_an_attempt(scene: Scene) -> None:
    scene.rate_limit = "1/minute"
    assert scene.deliver() == Delivered()
    waiting = scene.deliver(scene.sign_up(email="bob@example.com"))
    assert waiting == Queued("paced", retry_in=60 - scene.clock.now % 60, is_attempt=False)
    assert len(scene.vendor.keys) == 1
    scene.clock.advance(120)
    assert scene.deliver(scene.sign_up(email="bob@example.com")) == Delivered()


def test_what_there_is_nothing_to_write_of_takes_no_room_of_the_rate_limit(scene: Scene) -> None:
    scene.rate_limit = "1/minute"
    assert [scene.deliver(), scene.deliver()] == [Delivered(), Delivered()]
    assert len(scene.vendor.keys) == 1


def test_a_delivered_person_is_free_again_and_remembered(scene: Scene) -> None:
    assert scene.deliver() == Delivered()
    assert "lease" not in scene.person
    assert list(scene.person["forms"]) == [f"{scene.name}#news#"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError("sentinel")])
def test_a_defect_in_a_vendors_code_is_retried_a_few_times_and_gives_the_lease_back(
    scene: Scene, error: Exception
) -> None:
    scene.vendor.raises(error)
    attempt = scene.attempt()
    assert attempt.outcome == DEFECT
    assert attempt.cause == type(error).__name__, "never its text, which may hold what was submitted"
    assert "lease" not in scene.person
    assert scene.person["failed_attempts"]["s-1"]["count"] == 1


def test_a_defect_anywhere_else_is_retried_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(contact: Contact) -> Mapping[str, str]:
        raise ZeroDivisionError

    monkeypatch.setattr(scene.vendor, "identity", broken)
    assert scene.deliver() == DEFECT


def test_a_defect_is_counted_so_that_its_alarm_rings(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.vendor.raises(KeyError("sentinel"))
    scene.deliver()
    written = capsys.readouterr().out
    assert '"Defect":[1.0]' in written
    assert "sentinel" not in written


def test_what_a_vendor_leaves_out_or_doubts_is_counted(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.vendor.does = lambda request, record: WriteResult(("npi",), warnings=2)
    assert scene.deliver() == Delivered()
    written = capsys.readouterr().out
    assert '"PartsLeftOut":[1.0]' in written
    assert '"VendorWarnings":[2.0]' in written


def test_a_person_whom_another_delivery_writes_is_left_to_it(scene: Scene) -> None:
    scene.deliver()
    scene.clock.advance(1)
    scene.take_lease(60)
    outcome = scene.deliver(scene.sign_up("s-2"))
    assert isinstance(outcome, Queued)
    assert (outcome.reason, outcome.is_attempt) == ("busy", False)


def test_a_lease_that_was_lost_meanwhile_makes_even_a_success_be_delivered_again(scene: Scene) -> None:
    def slow(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        scene.clock.advance(60)
        scene.take_lease()
        return WriteResult()

    scene.vendor.does = slow
    assert scene.deliver() == Queued("ledger-unavailable", is_attempt=False)
    assert "forms" not in scene.person


def test_a_secret_that_was_changed_meanwhile_is_tried_at_once(scene: Scene) -> None:
    def pick(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        if scene.vendor.keys[-1] == "old":
            raise Unauthorized("fake", "create contact", status=401)
        return WriteResult()

    scene.vendor.does = pick
    scene.secrets.fresh = {"key": "new"}
    assert scene.deliver() == Delivered()
    assert scene.vendor.keys == ["old", "new"]
    assert "held_since" not in scene.gate


def test_the_secret_that_was_refused_is_the_one_that_is_held(scene: Scene) -> None:
    scene.vendor.raises(Unauthorized("fake", "create contact", status=401))
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
    assert scene.gate["held_since"] == scene.clock.milliseconds
    assert scene.gate["held_because"] == "missing"


def test_holds_that_cannot_be_put_on_record_change_no_outcome(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise LedgerUnavailable("DynamoDB failed")

    monkeypatch.setattr(Gates, "hold", unavailable)
    monkeypatch.setattr(Gates, "end_hold", unavailable)
    assert scene.deliver() == Delivered()
    scene.clock.advance(1)
    scene.vendor.raises(Unauthorized("fake", "create contact", status=401))
    assert scene.deliver(scene.sign_up("s-2")) == Held()


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
    scene.vendor.raises(error)
    attempt = scene.attempt()
    assert (attempt.outcome, attempt.failed_attempts) == (outcome, 1)
    assert list(scene.person["failed_attempts"]) == ([] if isinstance(outcome, Parked) else ["s-1"])


def test_a_receipt_that_cannot_be_kept_keeps_the_vendor_from_being_asked(scene: Scene) -> None:
    def fail() -> None:
        raise LedgerUnavailable("DynamoDB failed")

    assert scene.attempt(ensure_receipt=fail).outcome == Queued("ledger-unavailable", is_attempt=False)
    assert scene.vendor.requests == []


@pytest.mark.parametrize("wanted", [True, False])
def test_whoever_is_skipped_is_let_go_only_with_a_consent_receipt(scene: Scene, wanted: bool) -> None:
    def fail() -> None:
        raise LedgerUnavailable("no answer")

    scene.wanted = wanted
    assert scene.attempt(scene.sign_up(email=None), ensure_receipt=fail).outcome.kind == "queued"


def test_a_key_that_lacks_a_right_costs_the_sign_up_no_attempt(scene: Scene) -> None:
    def probe(*_: object) -> None:
        raise Unauthorized("fake", "probe", status=401)

    scene.vendor.probe = probe
    scene.vendor.raises(Forbidden("fake", "create contact", status=403))
    attempt = scene.attempt()
    assert (attempt.outcome, attempt.failed_attempts) == (Held(), 0)
    assert scene.person["failed_attempts"] == {}


def test_a_vendor_that_asks_for_a_pause_gets_it_also_where_the_lease_cannot_be_released(scene: Scene) -> None:
    def limited(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        scene.table.before_update = fails_for_people
        raise RateLimited("fake", "create contact", status=429, retry_after=600)

    def fails_for_people(key: str) -> None:
        if key.startswith("person#"):
            raise LedgerUnavailable("DynamoDB failed")

    scene.vendor.does = limited
    assert scene.deliver() == Queued("rate-limited", retry_in=600)
    assert scene.gate["paused_until"] == scene.clock.milliseconds + 600_000


def test_a_missing_key_of_the_ledger_is_no_fault_of_the_destination(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_key(*_: object) -> str:
        raise LedgerKeyUnavailable("secret ledger-key does not exist")

    monkeypatch.setattr(scene.hasher, "of_identity", no_key)
    assert scene.deliver() == Queued("ledger-unavailable", is_attempt=False)
    assert "held_since" not in scene.gate
