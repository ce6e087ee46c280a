"""One circuit per destination: Powertools' circuit breaker, its state kept in the destination's gate item.

Powertools counts consecutive failures in each environment and shares the state ("Circuit breaker", "Bring your own
persistence layer"). What counts as a failure of the vendor is decided by `shared.delivery.outcome_for`.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitInfo,
    CircuitTransition,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerPersistenceLayer
from aws_lambda_powertools.utilities.circuit_breaker.persistence.base import CircuitBreakerExistingLockError
from aws_lambda_powertools.utilities.circuit_breaker.persistence.record import CircuitStateRecord
from aws_lambda_powertools.utilities.circuit_breaker.states import CircuitState
from boto3.dynamodb.conditions import Attr

from shared.aws.dynamodb import Change, ConditionFailed
from shared.errors import RelayError
from shared.ledger.gates import Gates
from shared.telemetry import count, logger

R = TypeVar("R")


class VendorHealth(enum.Enum):
    """What a failed delivery says about the vendor."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
    """The vendor was not asked, or the fault is ours: neither a success nor a failure of the vendor."""


class CircuitOpen(RelayError):
    """The destination failed repeatedly, so it is left alone for a while."""


class _Failure(Exception):
    def __init__(self, error: RelayError) -> None:
        self.error = error


class _UncountedFailure(_Failure):
    pass


class Circuits:
    """Runs deliveries through their destination's circuit."""

    def __init__(
        self,
        gates: Gates,
        failure_threshold: int,
        recovery_seconds: int,
        health_of: Callable[[RelayError], VendorHealth],
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = _GateStore(gates, wall_clock)
        self._health_of = health_of
        self._last_failed: dict[str, str] = {}
        # One successful probe closes the circuit: a probe belongs to the thread that won it, and the threads of a
        # Lambda environment do not live long enough to make three.
        self._config = CircuitBreakerConfig(
            failure_threshold=failure_threshold,
            recovery_timeout=recovery_seconds,
            success_threshold=1,
            handled_exceptions=_CountedFailure,
            local_cache_max_age=0,  # gates are cached already
        )

    def call(self, destination: str, person: str, attempt: Callable[[], R]) -> R:
        """Return what `attempt` returns, and raise what it raises.

        Args:
            destination: whose circuit.
            person: whom the attempt is about, by hash. A vendor that answers the same person with one error after the
                other may only dislike that person's data, so this counts as one failure.
            attempt: the delivery.

        Raises:
            CircuitOpen: the circuit is open; `attempt` was not called.
        """
        try:
            return self._call(destination, person, attempt)
        except CircuitOpen:
            if self._store.is_open(destination):
                raise
            # Another environment has closed it meanwhile, which our election for the probe has told.
            return self._call(destination, person, attempt)

    def _call(self, destination: str, person: str, attempt: Callable[[], R]) -> R:
        def refuse(circuit: CircuitInfo) -> R:
            raise CircuitOpen("the circuit is open")

        @circuit_breaker(
            name=destination,
            persistence_store=self._store,
            on_circuit_open=refuse,
            on_transition=_report,
            config=self._config,
        )
        def protected() -> tuple[R | None, RelayError | None]:
            try:
                return attempt(), None
            except RelayError as error:
                health = self._health_of(error)
                if health is VendorHealth.UP:
                    return None, error
                raise self._failure(destination, person, error, health) from None

        try:
            result, error = protected()
        except _Failure as failed:
            raise failed.error from None
        self._last_failed.pop(destination, None)
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def _failure(self, destination: str, person: str, error: RelayError, health: VendorHealth) -> _Failure:
        if health is VendorHealth.UNKNOWN:
            return _UncountedFailure(error)
        answered = getattr(error, "status", None) is not None
        if answered and self._last_failed.get(destination) == person:
            return _UncountedFailure(error)
        self._last_failed[destination] = person
        return _CountedFailure(error)


class _CountedFailure(_Failure):
    pass


class _GateStore(CircuitBreakerPersistenceLayer):
    """Keeps the state of circuits in gate items, so that one cached read tells all about a destination."""

    def __init__(self, gates: Gates, wall_clock: Callable[[], float]) -> None:
        super().__init__()
        self._gates = gates
        self._wall_clock = wall_clock

    def is_open(self, name: str) -> bool:
        """Whether the circuit is open, or only its probe is let through."""
        record = self._get_record(name)
        return record is not None and record.state is not CircuitState.CLOSED

    def _get_record(self, name: str) -> CircuitStateRecord | None:
        stored = self._gates.of(name).circuit
        return (
            CircuitStateRecord(**{**stored, "name": name, "state": CircuitState(stored["state"])}) if stored else None
        )

    def _put_record(
        self, record: CircuitStateRecord, condition: str | None = None, expected_opened_at: int | None = None
    ) -> None:
        is_election = condition == "half_open"
        try:
            self._gates.change(
                record.name,
                Change(set={"circuit": _stored(record)}),
                self._may_probe(expected_opened_at) if is_election else None,
            )
        except ConditionFailed as failed:
            # We have won the election already where only its answer was lost.
            if failed.item.get("circuit", {}).get("half_open_owner") != record.half_open_owner:
                raise CircuitBreakerExistingLockError from None

    def _update_record(self, record: CircuitStateRecord) -> None:
        self._gates.change(record.name, Change(set={"circuit": _stored(record)}))

    def _may_probe(self, expected_opened_at: int | None) -> Any:
        state = Attr("circuit.state")
        unclaimed = state.eq(CircuitState.OPEN.value) & Attr("circuit.opened_at").eq(expected_opened_at)
        lapsed = state.eq(CircuitState.HALF_OPEN.value) & Attr("circuit.probe_lease_expiry").lte(
            int(self._wall_clock())
        )
        return unclaimed | lapsed


def _stored(record: CircuitStateRecord) -> dict[str, Any]:
    values = {
        "state": record.state.value,
        "failure_count": record.failure_count,
        "opened_at": record.opened_at,
        "half_open_owner": record.half_open_owner,
        "probe_lease_expiry": record.probe_lease_expiry,
    }
    return {name: value for name, value in values.items() if value is not None}


def _report(transition: CircuitTransition) -> None:
    destination = transition.circuit_name
    logger.warning(
        "circuit", destination=destination, before=str(transition.from_state), after=str(transition.to_state)
    )
    count(f"Circuit{_METRIC[str(transition.to_state).lower()]}", destination=destination)


_METRIC = {"open": "Opened", "closed": "Closed", "half_open": "Probed"}
