"""The gates of the ledger: which destinations nothing is sent to now, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cli.deployment import Deployment
from cli.frame.console import iso_time
from cli.ledger_items import scan_prefix
from shared.ledger.gates import PREFIX, Gate, Gates
from shared.queue.retry_policy import LONGEST_HOLD, LONGEST_WAIT

CIRCUIT_OPEN = "circuit open"
"""Why nothing is sent to a vendor that failed several times in a row."""


def read_gates(deployment: Deployment) -> dict[str, Gate]:
    """Return every destination's gate.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    gates = Gates(deployment.table, deployment.hasher, deployment.wall_clock)
    items = {item["id"].removeprefix(PREFIX): item for item in scan_prefix(deployment, PREFIX)}
    return {name: gates.remember(name, item) for name, item in items.items()}


@dataclass(frozen=True, slots=True)
class GatesNow:
    """What the gates say at one moment, `now` in seconds since the epoch; a destination without a gate is open."""

    gates: Mapping[str, Gate]
    now: float

    @property
    def closed(self) -> dict[str, str]:
        """The destinations that take nothing now, by name, and why."""
        reasons = ((name, self.closed_because(name)) for name in sorted(self.gates))
        return {name: because for name, because in reasons if because}

    def closed_because(self, destination: str) -> str | None:
        """Return why nothing is sent to a destination; None where something is."""
        gate = self.of(destination)
        if gate.held_since is not None:
            return f"credentials {gate.held_because or 'refused'}"
        if gate.paused_until / 1000 > self.now:
            return f"paused until {iso_time(gate.paused_until / 1000)}, as the vendor asked"
        return CIRCUIT_OPEN if circuit_state(gate) != "closed" else None

    def latest_look(self, destination: str) -> str:
        """Return by when a message that waits for its destination is looked at again, whatever it waits for."""
        gate = self.of(destination)
        longest = LONGEST_WAIT if gate.held_since is None else LONGEST_HOLD
        return iso_time(max(self.now + longest, gate.paused_until / 1000))

    def next_try(self, destination: str, again_at: int) -> str:
        """Return when a delivery is tried next, or what it waits for where that time is over.

        Args:
            destination: where to.
            again_at: when it was to be tried, milliseconds since the epoch; 0 where it can be received now.
        """
        gate, time = self.of(destination), again_at / 1000
        if time > max(self.now, gate.paused_until / 1000):
            return iso_time(time)
        if gate.held_since is not None:
            return f"held: {self.closed_because(destination)}"
        if gate.paused_until / 1000 > self.now:
            return f"paused until {iso_time(gate.paused_until / 1000)}"
        if circuit_state(gate) != "closed":
            return f"{CIRCUIT_OPEN}, tried by {self.latest_look(destination)}"
        # The retry function has looked at it since, and left it: only failed attempts are noted.
        return f"by {self.latest_look(destination)}" if again_at else "now"

    def of(self, destination: str) -> Gate:
        """Return a destination's gate."""
        return self.gates.get(destination, Gate())


def gates_now(deployment: Deployment) -> GatesNow:
    """Return what every gate says now.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    return GatesNow(read_gates(deployment), deployment.wall_clock())


def circuit_state(gate: Gate) -> str:
    """Return `closed`, `open` or `half_open`."""
    return str(gate.circuit.get("state", "closed")).lower()
