"""Promise 6: an open circuit leaves the vendor alone, is probed, and closes when the vendor works again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.circuit_breaker.states import CircuitState

from shared.delivery.outcome import Attempt
from shared.ledger import gates
from tests.simulate.environment import RECOVERY_SECONDS
from tests.simulate.manners import CACHE_AND_CLOCKS, CLOCKS
from tests.simulate.vendor import Work

if TYPE_CHECKING:
    from tests.simulate.promises import Promises

_CLOSED = CircuitState.CLOSED.value
CLOSED_WITHIN_SECONDS = 7200.0
"""A few rounds of the longest wait: so long after the vendor works again nothing waits for its circuit any more."""


class CircuitRules:
    """Follows the circuits of all destinations."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._world = promises.world

    def on_request(self, work: Work) -> None:
        circuit = self._circuit(work.destination)
        if (
            circuit.get("state") != CircuitState.OPEN.value
            or self._promises.troubles[work.sign_up.number] != work.troubles
        ):
            return
        start, end = circuit["opened_at"] + CACHE_AND_CLOCKS, circuit["opened_at"] + RECOVERY_SECONDS - CLOCKS - 1.0
        too_early = start < work.at and self._world.clock.now < end
        self._promises.check("P6c", not too_early, f"{work.destination} is asked although its circuit is open")

    def on_attempt(self, work: Work, attempt: Attempt) -> None:
        well_since = self._world.well_since
        if attempt.outcome.reason == "circuit-open" and well_since is not None:
            kept = self._world.clock.now < well_since + CLOSED_WITHIN_SECONDS
            self._promises.check("P6d", kept, f"sign-up {work.sign_up.number} still waits for a circuit")

    def not_closed(self) -> list[str]:
        """Return the destinations whose circuit is not closed."""
        destinations = [f"{self._promises.vendor}-{form}" for form in "abc"]
        return [each for each in destinations if self._circuit(each).get("state", _CLOSED) != _CLOSED]

    def at_rest(self) -> None:
        for destination in self.not_closed():
            self._promises.check("P6d", kept=False, text=f"the circuit of {destination} never closes")

    def _circuit(self, destination: str) -> dict[str, Any]:
        circuit: dict[str, Any] = self._world.table.items.get(gates.key(destination), {}).get("circuit", {})
        return circuit
