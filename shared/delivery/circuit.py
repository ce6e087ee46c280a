"""One circuit per destination, by Powertools' circuit breaker, its state shared through the ledger table.

Powertools counts consecutive failures in each environment and shares the state; see "Circuit breaker" in its
documentation. What is a failure is decided by the delivery: `Evidence`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitInfo,
    CircuitTransition,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

from shared.telemetry import count, logger

R = TypeVar("R")

PREFIX = "circuit#"


class Evidence(enum.Enum):
    """What a delivery says about the vendor's health."""

    UP = "up"
    DOWN = "down"
    NONE = "none"
    """The vendor was not asked, so neither a probe succeeded nor a call failed."""


class _Finished(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result


class _Failed(_Finished):
    pass


class Circuits:
    """Runs deliveries through their destination's circuit."""

    def __init__(self, store: CircuitBreakerDynamoDBPersistence, failure_threshold: int, recovery_seconds: int) -> None:
        self._store = store
        # One successful probe closes the circuit: a probe belongs to the thread that won it, and the threads of a
        # Lambda environment do not live long enough to make three.
        self._config = CircuitBreakerConfig(
            failure_threshold=failure_threshold,
            recovery_timeout=recovery_seconds,
            success_threshold=1,
            handled_exceptions=_Failed,
            local_cache_max_age=1,
        )

    def call(self, destination: str, attempt: Callable[[], tuple[R, Evidence]], when_open: Callable[[], R]) -> R:
        """Return what `attempt` results in, or `when_open()` without calling it while the circuit is open."""

        def refuse(circuit: CircuitInfo) -> R:
            return when_open()

        @circuit_breaker(
            name=f"{PREFIX}{destination}",
            persistence_store=self._store,
            on_circuit_open=refuse,
            on_transition=_report,
            config=self._config,
        )
        def protected() -> R:
            result, evidence = attempt()
            if evidence is Evidence.DOWN:
                raise _Failed(result)
            if evidence is Evidence.NONE:
                raise _Finished(result)
            return result

        try:
            outcome: R = protected()
        except _Finished as finished:
            outcome = finished.result
        return outcome


def _report(transition: CircuitTransition) -> None:
    destination = transition.circuit_name.removeprefix(PREFIX)
    logger.warning(
        "circuit", destination=destination, before=str(transition.from_state), after=str(transition.to_state)
    )
    count(f"Circuit{_METRIC[str(transition.to_state).lower()]}", destination=destination)


_METRIC = {"open": "Opened", "closed": "Closed", "half_open": "Probed"}
