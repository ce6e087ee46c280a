"""The gates of the ledger: which destinations nothing is sent to now, and why."""

from __future__ import annotations

from cli.deployment import Deployment
from cli.ledger_items import scan_prefix
from shared.ledger.gates import PREFIX, Gate, Gates

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


def closed_destinations(deployment: Deployment) -> dict[str, str]:
    """Return the destinations that take nothing now, by name, and why.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    now = deployment.wall_clock()
    reasons = ((name, closed_because(gate, now)) for name, gate in sorted(read_gates(deployment).items()))
    return {name: because for name, because in reasons if because}


def circuit_state(gate: Gate) -> str:
    """Return `closed`, `open` or `half_open`."""
    return str(gate.circuit.get("state", "closed")).lower()


def closed_because(gate: Gate, now: float) -> str | None:
    """Return why nothing is sent at `now`, seconds since the epoch; None where something is."""
    if gate.held_since is not None:
        return f"credentials {gate.held_because or 'refused'}"
    if gate.paused_until / 1000 > now:
        return "paused, as the vendor asked"
    return CIRCUIT_OPEN if circuit_state(gate) != "closed" else None
