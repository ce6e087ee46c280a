"""The certificate of an erasure: what was removed where, when and by which request, without the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cli.console import Console, counted

STORES = ("retry_queue", "dead_letters", "quarantine", "ledger", "consent_receipts")


@dataclass(frozen=True, slots=True)
class VendorResult:
    """What became of one contact at one vendor. `result` is a fixed phrase."""

    destination: str
    vendor: str
    result: str
    contact_id: str | None
    """The vendor's own id, for whoever has to delete by hand."""
    failed: bool = field(default=False, repr=False)


@dataclass(slots=True)
class Certificate:
    """An erasure, as far as it came."""

    request_id: str
    at: str
    people: Mapping[str, str]
    """Keyed hashes, in place of what they stand for."""
    removed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STORES, 0))
    kept_consent_receipts: int = 0
    in_use: int = 0
    """Items that deliveries held all the while, or whose contact a vendor did not delete."""
    not_looked_at: dict[str, int] = field(default_factory=dict)
    """By queue, about how many messages were out of sight."""
    run_again_after: str | None = None
    vendors: list[VendorResult] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is left that this command could remove if it were run again."""
        return not (self.in_use or any(self.not_looked_at.values()) or any(each.failed for each in self.vendors))

    def record(self) -> dict[str, Any]:
        """Return the certificate for machines."""
        return {**asdict(self), "complete": self.complete}

    def print_to(self, console: Console) -> None:
        """Print the certificate for people."""
        console.say(f"Erasure {self.request_id}\nat {self.at}")
        for kind, hashed in self.people.items():
            console.say(f"of {kind} {hashed} (keyed hash)")
        console.say("")
        console.table([{"removed from": name, "items": number} for name, number in self.removed.items()], _COLUMNS)
        if self.vendors:
            console.say("")
            console.table([asdict(each) for each in self.vendors], ("destination", "vendor", "result", "contact_id"))
        console.say("")
        for line in self._remarks():
            console.say(line)

    def _remarks(self) -> list[str]:
        remarks = []
        if self.kept_consent_receipts:
            remarks.append(
                f"{counted(self.kept_consent_receipts, 'consent receipt')} kept as proof; --receipts removes them."
            )
        if self.in_use:
            remarks.append(f"{counted(self.in_use, 'ledger item')} could not be removed: run it again.")
        for queue, number in self.not_looked_at.items():
            if number:
                remarks.append(f"About {counted(number, 'message')} of {queue} could not be looked at.")
        if self.run_again_after:
            remarks.append("What is this person's among them is dropped undelivered when it comes into sight.")
            remarks.append(f"Run it again after {self.run_again_after} to have that certified.")
        remarks.append("Complete." if self.complete else "Not complete.")
        return remarks


_COLUMNS = ("removed from", "items")
