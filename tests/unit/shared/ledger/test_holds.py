from __future__ import annotations

import json
from typing import Any, cast

import pytest
from shared.ledger.holds import CACHE_SECONDS, KEPT_SECONDS, PROBE_SECONDS, Hold, Holds

from shared.ledger.person_hashing import PersonHasher
from tests.support.clock import Clock
from tests.unit.conftest import Table

WRONG, RIGHT = {"api_key": "wrong"}, {"api_key": "right"}
HOUR = 3600


class FakeSecrets:
    def fetch(self, name: str) -> dict[str, str]:
        return {"key": "k"}


@pytest.fixture
def holds(table: Table, clock: Clock) -> Holds:
    return _holds(table, clock)


def _holds(table: Table, clock: Clock) -> Holds:
    return Holds(table.client, table.name, PersonHasher(cast("Any", FakeSecrets())), clock)


def _metrics(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines if "_aws" in line]


def test_a_destination_that_was_never_refused_may_be_tried(holds: Holds) -> None:
    hold = holds.of("pulse-us")
    assert hold == Hold()
    assert holds.may_try("pulse-us", hold, WRONG)


def test_refused_credentials_are_not_tried_again_before_the_probe_is_due(holds: Holds, clock: Clock) -> None:
    holds.begin("pulse-us", WRONG)
    assert not holds.may_try("pulse-us", holds.of("pulse-us"), WRONG)
    clock.advance(PROBE_SECONDS)
    assert holds.may_try("pulse-us", holds.of("pulse-us"), WRONG)


def test_one_of_many_processes_makes_the_probe(table: Table, clock: Clock) -> None:
    _holds(table, clock).begin("pulse-us", WRONG)
    clock.advance(PROBE_SECONDS)
    processes = [_holds(table, clock) for _ in range(5)]
    seen = [process.of("pulse-us") for process in processes]
    allowed = [process.may_try("pulse-us", hold, WRONG) for process, hold in zip(processes, seen, strict=True)]
    assert allowed.count(True) == 1


def test_changed_credentials_are_tried_at_once(holds: Holds) -> None:
    holds.begin("pulse-us", WRONG)
    assert holds.may_try("pulse-us", holds.of("pulse-us"), RIGHT)


def test_one_destinations_hold_is_not_anothers(holds: Holds) -> None:
    holds.begin("pulse-us", WRONG)
    assert holds.of("pulse-eu").since is None


def test_a_hold_begins_when_it_was_first_refused_however_often_it_is_refused_again(
    holds: Holds, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    started = clock.milliseconds
    holds.begin("pulse-us", WRONG)
    holds.begin("pulse-us", WRONG)
    clock.advance(HOUR)
    holds.begin("pulse-us", WRONG)
    assert holds.of("pulse-us").since == started
    assert _metrics(capsys) == ["CredentialsHeld", "CredentialsHeld"]


def test_an_accepted_call_ends_the_hold_for_every_process(
    table: Table, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = _holds(table, clock), _holds(table, clock)
    ours.begin("pulse-us", WRONG)
    clock.advance(HOUR)
    ours.end("pulse-us", ours.of("pulse-us"))
    assert ours.of("pulse-us").since is None
    assert theirs.of("pulse-us").since is None
    assert _metrics(capsys) == ["CredentialsHeld", "CredentialsAccepted"]


def test_a_success_while_nothing_is_held_writes_nothing(holds: Holds, table: Table) -> None:
    holds.end("pulse-us", holds.of("pulse-us"))
    assert table.item("hold#pulse-us") == {}


def test_what_is_read_is_kept_for_two_seconds_only(table: Table, clock: Clock) -> None:
    ours, theirs = _holds(table, clock), _holds(table, clock)
    assert ours.of("pulse-us").since is None
    theirs.begin("pulse-us", WRONG)
    assert ours.of("pulse-us").since is None
    clock.advance(CACHE_SECONDS)
    assert ours.of("pulse-us").since is not None


def test_time_in_holds_is_told_for_as_long_as_the_message_has_waited(holds: Holds, clock: Clock) -> None:
    queued = clock.milliseconds
    clock.advance(HOUR)
    holds.begin("pulse-us", WRONG)
    clock.advance(2 * HOUR)
    holds.end("pulse-us", holds.of("pulse-us"))
    clock.advance(HOUR)
    holds.begin("pulse-us", WRONG)
    clock.advance(HOUR / 2)
    hold = holds.of("pulse-us")
    assert hold.held_since(queued, clock.milliseconds) == 2.5 * HOUR
    assert hold.held_since(queued + 2 * HOUR * 1000, clock.milliseconds) == 1.5 * HOUR
    assert hold.held_since(clock.milliseconds, clock.milliseconds) == 0


def test_holds_older_than_any_message_are_forgotten(holds: Holds, clock: Clock) -> None:
    for _ in range(2):
        holds.begin("pulse-us", WRONG)
        clock.advance(60)
        holds.end("pulse-us", holds.of("pulse-us"))
        clock.advance(KEPT_SECONDS)
    assert len(holds.of("pulse-us").over) == 1


def test_no_credential_is_stored(holds: Holds, table: Table) -> None:
    holds.begin("pulse-us", {"api_key": "sentinel"})
    assert "sentinel" not in json.dumps(table.item("hold#pulse-us"))
