"""What the ledger's gates say of each destination just now."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.aws.dynamodb import DynamoDBTable
from shared.forms import Form
from shared.ledger.gates import Gate, key, read_gate


@dataclass(frozen=True)
class DestinationState:
    """A destination, its circuit (`closed`, `open` or `half open`), and why its gate is shut ("" where it is open)."""

    name: str
    vendor: str
    circuit: str
    gate: str

    @property
    def is_clear(self) -> bool:
        """Whether deliveries go through."""
        return self.circuit == "closed" and not self.gate


def read_destinations(forms: Iterable[Form], table: DynamoDBTable) -> Sequence[DestinationState]:
    """Read the state of every destination of the forms, with one call."""
    vendors = {destination.name: destination.spec.vendor for form in forms for destination in form.destinations}
    items = table.get_many(map(key, vendors))
    now = time.time()
    return [_state(name, vendor, read_gate(items.get(key(name), {})), now) for name, vendor in vendors.items()]


def _state(name: str, vendor: str, gate: Gate, now: float) -> DestinationState:
    circuit = str(gate.circuit.get("state", "closed")).lower().replace("_", " ")
    paused = gate.paused_until / 1000 - now
    reason = f"paused, {paused:.0f} s more" if paused > 0 else ""
    if gate.held_since is not None:
        reason = "held: the key does not work" if gate.held_because == "refused" else "held: there is no secret"
    return DestinationState(name, vendor, circuit, reason)
