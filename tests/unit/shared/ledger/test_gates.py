from __future__ import annotations

import json
from typing import Any, cast

import pytest

from shared.ledger.gates import CACHE_SECONDS, KEPT_SECONDS, PROBE_SECONDS, Gate, Gates
from shared.ledger.person_hashing import PersonHasher
from tests.support.clock import Clock
from tests.support.memory_table import MemoryTable

WRONG, RIGHT = {"api_key": "wrong"}, {"api_key": "right"}
HOUR = 3600


class FakeSecrets:
    def fetch(self, name: str) -> dict[str, str]:
        return {"key": "k"}


@pytest.fixture
def gates(table: MemoryTable, clock: Clock) -> Gates:
    return _gates(table, clock)


def _gates(table: MemoryTable, clock: Clock) -> Gates:
    return Gates(table, PersonHasher(cast("Any", FakeSecrets())), clock)


def _metrics(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines if "_aws" in line]


def test_a_destination_that_was_never_refused_may_be_tried(gates: Gates) -> None:
    hold = gates.of("pulse-us")
    assert hold == Gate()
    assert gates.may_try("pulse-us", hold, WRONG)


def test_refused_credentials_are_not_tried_again_before_the_probe_is_due(gates: Gates, clock: Clock) -> None:
    gates.hold("pulse-us", WRONG, "refused")
    assert not gates.may_try("pulse-us", gates.of("pulse-us"), WRONG)
    clock.advance(PROBE_SECONDS)
    assert gates.may_try("pulse-us", gates.of("pulse-us"), WRONG)


def test_one_of_many_processes_makes_the_probe(table: MemoryTable, clock: Clock) -> None:
    _gates(table, clock).hold("pulse-us", WRONG, "refused")
    clock.advance(PROBE_SECONDS)
    processes = [_gates(table, clock) for _ in range(5)]
    seen = [process.of("pulse-us") for process in processes]
    allowed = [process.may_try("pulse-us", hold, WRONG) for process, hold in zip(processes, seen, strict=True)]
    assert allowed.count(True) == 1


def test_changed_credentials_are_tried_at_once(gates: Gates) -> None:
    gates.hold("pulse-us", WRONG, "refused")
    assert gates.may_try("pulse-us", gates.of("pulse-us"), RIGHT)


def test_one_destinations_hold_is_not_anothers(gates: Gates) -> None:
    gates.hold("pulse-us", WRONG, "refused")
    assert gates.of("pulse-eu").held_since is None


def test_a_hold_begins_when_it_was_first_refused_however_often_it_is_refused_again(
    gates: Gates, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    started = clock.milliseconds
    gates.hold("pulse-us", WRONG, "refused")
    gates.hold("pulse-us", WRONG, "refused")
    clock.advance(HOUR)
    gates.hold("pulse-us", WRONG, "refused")
    assert gates.of("pulse-us").held_since == started
    assert _metrics(capsys) == ["CredentialsHeld", "CredentialsHeld"]


def test_an_accepted_call_ends_the_hold_for_every_process(
    table: MemoryTable, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = _gates(table, clock), _gates(table, clock)
    ours.hold("pulse-us", WRONG, "refused")
    clock.advance(HOUR)
    ours.end_hold("pulse-us", ours.of("pulse-us"))
    assert ours.of("pulse-us").held_since is None
    clock.advance(CACHE_SECONDS)
    assert theirs.of("pulse-us").held_since is None
    assert _metrics(capsys) == ["CredentialsHeld", "CredentialsAccepted"]


def test_a_success_while_nothing_is_held_writes_nothing(gates: Gates, table: MemoryTable) -> None:
    gates.end_hold("pulse-us", gates.of("pulse-us"))
    assert table.item("gate#pulse-us") == {}


def test_what_is_read_is_kept_for_a_few_seconds_only(table: MemoryTable, clock: Clock) -> None:
    ours, theirs = _gates(table, clock), _gates(table, clock)
    assert ours.of("pulse-us").held_since is None
    theirs.hold("pulse-us", WRONG, "refused")
    assert ours.of("pulse-us").held_since is None
    clock.advance(CACHE_SECONDS)
    assert ours.of("pulse-us").held_since is not None


def test_time_in_holds_is_told_for_as_long_as_the_message_has_waited(gates: Gates, clock: Clock) -> None:
    queued = clock.milliseconds
    clock.advance(HOUR)
    gates.hold("pulse-us", WRONG, "refused")
    clock.advance(2 * HOUR)
    gates.end_hold("pulse-us", gates.of("pulse-us"))
    clock.advance(HOUR)
    gates.hold("pulse-us", WRONG, "refused")
    clock.advance(HOUR / 2)
    hold = gates.of("pulse-us")
    assert hold.held_seconds_since(queued, clock.milliseconds) == 2.5 * HOUR
    assert hold.held_seconds_since(queued + 2 * HOUR * 1000, clock.milliseconds) == 1.5 * HOUR
    assert hold.held_seconds_since(clock.milliseconds, clock.milliseconds) == 0


def test_holds_older_than_any_message_are_forgotten(gates: Gates, clock: Clock) -> None:
    for _ in range(2):
        gates.hold("pulse-us", WRONG, "refused")
        clock.advance(60)
        gates.end_hold("pulse-us", gates.of("pulse-us"))
        clock.advance(KEPT_SECONDS)
    assert len(gates.of("pulse-us").past_holds) == 1


def test_no_credential_is_stored(gates: Gates, table: MemoryTable) -> None:
    gates.hold("pulse-us", {"api_key": "sentinel"}, "refused")
    assert "sentinel" not in json.dumps(table.item("gate#pulse-us"))


def test_a_pause_is_never_shortened_by_a_shorter_wish(gates: Gates, clock: Clock) -> None:
    gates.pause("pulse-us", 600)
    gates.pause("pulse-us", 5)
    assert gates.of("pulse-us").paused_until == clock.milliseconds + 600_000


def test_a_pause_is_told_to_every_process(table: MemoryTable, clock: Clock) -> None:
    _gates(table, clock).pause("pulse-us", 600)
    assert _gates(table, clock).of("pulse-us").paused_until == clock.milliseconds + 600_000


def test_a_deliverys_looks_at_a_destination_cost_one_read_for_seconds(gates: Gates, table: MemoryTable) -> None:
    for _ in range(10):
        gates.of("pulse-us")
    assert table.calls == ["get gate#pulse-us"]
