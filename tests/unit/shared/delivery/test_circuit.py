from __future__ import annotations

import itertools
import json
import threading
import uuid
from typing import Any, cast

import pytest

from shared.delivery.circuit import CircuitOpen, Circuits, VendorHealth
from shared.errors import RelayError
from shared.ledger.gates import Gates
from shared.ledger.person_hashing import PersonHasher
from tests.support.memory_table import MemoryTable


class Failed(RelayError):
    """A delivery that failed, and what that says of the vendor."""

    def __init__(self, health: VendorHealth, status: int | None) -> None:
        self.health = health
        self.status = status


class Vendor:
    """Is as healthy as it is told to be, and counts how often it is asked."""

    def __init__(self) -> None:
        self.health: VendorHealth | None = None
        self.status: int | None = None
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.health is not None:
            raise Failed(self.health, self.status)
        return "asked"


UP, DOWN, UNKNOWN = VendorHealth.UP, VendorHealth.DOWN, VendorHealth.UNKNOWN


def _health_of(error: RelayError) -> VendorHealth:
    assert isinstance(error, Failed)
    return error.health


class Breaker:
    """A destination's circuit in one environment; `seconds` pass without waiting."""

    def __init__(self, table: MemoryTable, vendor: Vendor) -> None:
        # A destination of the test's own: Powertools counts failures per process.
        self._table, self.name, self._vendor = table, f"vendor-{uuid.uuid4().hex}", vendor
        self._circuits = self.another()

    def another(self) -> Circuits:
        gates = Gates(self._table, cast("PersonHasher", None))
        return Circuits(gates, failure_threshold=3, recovery_seconds=60, health_of=_health_of)

    def call(
        self,
        health: VendorHealth | None = None,
        circuits: Circuits | None = None,
        person: str | None = None,
        status: int | None = None,
    ) -> str:
        """Return what came of a call: `asked`, `failed` or `refused`."""
        self._vendor.health, self._vendor.status = health, status
        try:
            return (circuits or self._circuits).call(self.name, person or uuid.uuid4().hex, self._vendor)
        except Failed:
            return "failed"
        except CircuitOpen:
            return "refused"

    def state(self) -> dict[str, Any]:
        return dict(self._table.item(f"gate#{self.name}")["circuit"])

    def pass_recovery(self) -> None:
        """Let the stored circuit look as if it had opened long ago, and forget what is cached."""
        item = self._table.item(f"gate#{self.name}")
        item["circuit"]["opened_at"] -= 120
        self._table.put(item)
        self._circuits = self.another()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def breaker(table: MemoryTable, vendor: Vendor) -> Breaker:
    return Breaker(table, vendor)


def _opened(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.call(DOWN)


def _transitions(output: str) -> list[str]:
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    names = [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines if "_aws" in line]
    return [name for name in names if name.startswith("Circuit")]


def test_three_failures_in_a_row_open_the_circuit_and_the_vendor_is_left_alone(
    breaker: Breaker, vendor: Vendor
) -> None:
    _opened(breaker)
    assert vendor.calls == 3
    assert [breaker.call() for _ in range(5)] == ["refused"] * 5
    assert vendor.calls == 3


def test_a_failing_call_still_gets_its_own_error(breaker: Breaker) -> None:
    assert [breaker.call(DOWN) for _ in range(3)] == ["failed"] * 3


@pytest.mark.parametrize("sign_of_life", [None, UP], ids=["a delivery", "an answer that refuses"])
def test_a_sign_of_life_resets_the_count(breaker: Breaker, vendor: Vendor, sign_of_life: VendorHealth | None) -> None:
    for health in (DOWN, DOWN, sign_of_life, DOWN, DOWN):
        breaker.call(health)
    assert breaker.call() == "asked"
    assert vendor.calls == 6


def test_a_delivery_that_did_not_ask_the_vendor_neither_opens_the_circuit_nor_excuses_it(breaker: Breaker) -> None:
    assert [breaker.call(UNKNOWN) for _ in range(4)] == ["failed"] * 4
    for health in (DOWN, UNKNOWN, DOWN, UNKNOWN, DOWN):
        breaker.call(health)
    assert breaker.call() == "refused"


def test_one_person_whose_data_breaks_the_vendor_does_not_stop_everybody_else(breaker: Breaker) -> None:
    answers = [breaker.call(DOWN, person="ada", status=500) for _ in range(9)]
    assert answers == ["failed"] * 9
    assert breaker.call(person="bob") == "asked"


def test_one_person_who_gets_no_answer_at_all_tells_of_an_outage(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.call(DOWN, person="ada")
    assert breaker.call(person="bob") == "refused"


def test_an_open_circuit_is_shared_with_other_environments(breaker: Breaker, vendor: Vendor) -> None:
    _opened(breaker)
    assert breaker.call(circuits=breaker.another()) == "refused"
    assert vendor.calls == 3


def test_one_successful_probe_closes_the_circuit(breaker: Breaker, capsys: pytest.CaptureFixture[str]) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    assert breaker.call() == "asked"
    assert breaker.state()["state"] == "CLOSED"
    assert [breaker.call() for _ in range(3)] == ["asked"] * 3
    assert _transitions(capsys.readouterr().out) == ["CircuitOpened", "CircuitProbed", "CircuitClosed"]


def test_a_failed_probe_opens_the_circuit_again(
    breaker: Breaker, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    assert breaker.call(DOWN) == "failed"
    assert breaker.call() == "refused"
    assert vendor.calls == 4
    assert _transitions(capsys.readouterr().out) == ["CircuitOpened", "CircuitProbed", "CircuitOpened"]


def test_a_probe_that_did_not_ask_the_vendor_leaves_the_circuit_as_it_is(breaker: Breaker) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    breaker.call(UNKNOWN)
    assert breaker.state()["state"] == "HALF_OPEN"
    assert breaker.call() == "asked", "the thread that won the probe may still make it"
    assert breaker.state()["state"] == "CLOSED"


def test_only_one_thread_probes(breaker: Breaker, vendor: Vendor) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    release = threading.Event()
    answers: list[str] = []

    def slow() -> str:
        vendor.calls += 1
        release.wait(30)
        return "asked"

    def run(circuits: Circuits) -> None:
        try:
            answers.append(circuits.call(breaker.name, "ada", slow))
        except CircuitOpen:
            answers.append("refused")

    threads = [threading.Thread(target=run, args=(breaker.another(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in itertools.repeat(None, 500):
        if len(answers) == 3:
            break
        release.wait(0.05)
    release.set()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["asked", "refused", "refused", "refused"]
    assert vendor.calls == 4


def test_a_defect_passes_through_and_says_nothing_of_the_vendor(breaker: Breaker) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    circuits = breaker.another()
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            circuits.call(breaker.name, "ada", broken)
    assert breaker.call() == "asked"
