from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from shared.delivery.circuit import Circuits, Evidence
from tests.unit.conftest import Table


class Vendor:
    """Says what it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.evidence = Evidence.UP
        self.calls = 0

    def __call__(self) -> tuple[str, Evidence]:
        self.calls += 1
        return "asked", self.evidence


@pytest.fixture
def name() -> str:
    """A destination of the test's own: Powertools counts failures per process."""
    return f"vendor-{uuid.uuid4().hex}"


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


class Breaker:
    """A destination's circuit in one environment; `seconds` pass without waiting."""

    def __init__(self, table: Table, name: str, vendor: Vendor) -> None:
        self._table, self.name, self._vendor = table, name, vendor
        self._circuits = self.another()

    def another(self) -> Circuits:
        store = CircuitBreakerDynamoDBPersistence(self._table.name, boto3_client=self._table.client)
        return Circuits(store, failure_threshold=3, recovery_seconds=60)

    def call(self, evidence: Evidence | None = None, circuits: Circuits | None = None) -> str:
        if evidence is not None:
            self._vendor.evidence = evidence
        return (circuits or self._circuits).call(self.name, self._vendor, lambda: "refused")

    def state(self) -> dict[str, Any]:
        return self._table.item(f"circuit#{self.name}")

    def pass_recovery(self) -> None:
        """Let the stored circuit look as if it had opened long ago, and forget what is cached."""
        item = self.state()
        self._table.client.update_item(
            TableName=self._table.name,
            Key={"id": {"S": f"circuit#{self.name}"}},
            UpdateExpression="SET opened_at = :at",
            ExpressionAttributeValues={":at": {"N": str(item["opened_at"] - 120)}},
        )
        self._circuits = self.another()


@pytest.fixture
def breaker(table: Table, name: str, vendor: Vendor) -> Breaker:
    return Breaker(table, name, vendor)


def _opened(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.call(Evidence.DOWN)


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


def test_a_failing_call_still_gets_its_own_result(breaker: Breaker) -> None:
    assert [breaker.call(Evidence.DOWN) for _ in range(3)] == ["asked"] * 3


def test_a_sign_of_life_starts_the_count_anew(breaker: Breaker, vendor: Vendor) -> None:
    for evidence in (Evidence.DOWN, Evidence.DOWN, Evidence.UP, Evidence.DOWN, Evidence.DOWN):
        breaker.call(evidence)
    assert breaker.call() == "asked"
    assert vendor.calls == 6


def test_a_delivery_that_did_not_ask_the_vendor_neither_opens_the_circuit_nor_excuses_it(breaker: Breaker) -> None:
    for evidence in (Evidence.NONE, Evidence.NONE, Evidence.NONE, Evidence.NONE):
        assert breaker.call(evidence) == "asked"
    for evidence in (Evidence.DOWN, Evidence.NONE, Evidence.DOWN, Evidence.NONE, Evidence.DOWN):
        breaker.call(evidence)
    assert breaker.call() == "refused"


def test_an_open_circuit_is_shared_with_other_environments(breaker: Breaker, vendor: Vendor) -> None:
    _opened(breaker)
    assert breaker.call(circuits=breaker.another()) == "refused"
    assert vendor.calls == 3


def test_one_successful_probe_closes_the_circuit(
    breaker: Breaker, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    assert breaker.call(Evidence.UP) == "asked"
    assert breaker.state()["state"] == "CLOSED"
    assert [breaker.call() for _ in range(3)] == ["asked"] * 3
    assert _transitions(capsys.readouterr().out) == ["CircuitOpened", "CircuitProbed", "CircuitClosed"]


def test_a_failed_probe_opens_the_circuit_again(
    breaker: Breaker, vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    assert breaker.call(Evidence.DOWN) == "asked"
    assert breaker.call() == "refused"
    assert vendor.calls == 4
    assert _transitions(capsys.readouterr().out) == ["CircuitOpened", "CircuitProbed", "CircuitOpened"]


def test_a_probe_that_did_not_ask_the_vendor_leaves_the_circuit_as_it_is(breaker: Breaker, vendor: Vendor) -> None:
    _opened(breaker)
    breaker.pass_recovery()
    breaker.call(Evidence.NONE)
    assert breaker.state()["state"] == "HALF_OPEN"
    assert breaker.call(Evidence.UP) == "asked", "the thread that won the probe may still make it"
    assert breaker.state()["state"] == "CLOSED"


def test_a_defect_passes_through_and_is_no_evidence(breaker: Breaker, table: Table, name: str) -> None:
    def broken() -> tuple[str, Evidence]:
        raise ZeroDivisionError

    circuits = breaker.another()
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            circuits.call(name, broken, lambda: "refused")
    assert breaker.call() == "asked"
