"""The certificate of an erasure, or its preview: what is removed where, when, by which request; never the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from cli.console import Console, counted

STORES = ("retry_queue", "dead_letters", "quarantine", "ledger", "consent_receipts")


class Contact(StrEnum):
    """What has become of the contact at a vendor."""

    GONE = "gone"
    LEFT = "left"
    """Whoever wants it deleted needs its id, which the ledger forgets with the person."""
    KNOWN = "known"
    """The ledger still knows its id, for another run."""


@dataclass(frozen=True, slots=True)
class VendorResult:
    """One contact at one vendor. `result` is a fixed phrase."""

    destination: str
    vendor: str
    contact_id: str | None
    """The vendor's own id, for whoever has to delete by hand."""
    result: str
    contact: Contact

    def __str__(self) -> str:
        """Name the contact in one line."""
        known = f"contact {self.contact_id}" if self.contact_id else "a contact whose id is not known"
        return f"{self.vendor} ({self.destination}): {known}"


@dataclass(slots=True)
class Certificate:
    """An erasure, as far as it came."""

    request_id: str
    at: str
    people: Mapping[str, str]
    """Keyed hashes, in place of what they stand for."""
    preview: bool
    """Nothing is removed, and nobody asked: the numbers say what would be."""
    removed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STORES, 0))
    kept_consent_receipts: int = 0
    in_use: int = 0
    """Items that deliveries held all the while, or whose contact a vendor did not delete."""
    not_looked_at: dict[str, int] = field(default_factory=dict)
    """By queue, about how many messages were out of sight."""
    run_again_after: str | None = None
    vendors: list[VendorResult] = field(default_factory=list)

    @property
    def found(self) -> bool:
        """Whether there was anything of this person."""
        return bool(self.kept_consent_receipts or self.in_use or any(self.removed.values()))

    @property
    def out_of_sight(self) -> int:
        """About how many messages of both queues could not be looked at."""
        return sum(self.not_looked_at.values())

    @property
    def complete(self) -> bool:
        """Whether nothing is left that this command could remove if it were run again."""
        return not (self.preview or self.in_use or self.out_of_sight)

    def record(self) -> dict[str, Any]:
        """Return it for machines; a preview says `would_remove` where a certificate says `removed`."""
        record = {**asdict(self), "complete": self.complete}
        return {"would_remove" if self.preview and name == "removed" else name: record[name] for name in record}

    def print_to(self, console: Console) -> None:
        """Print it for people."""
        console.say("Preview, nothing is removed" if self.preview else f"Erasure {self.request_id}")
        console.say(f"at {self.at}")
        for kind, hashed in self.people.items():
            console.say(f"of {kind} {hashed} (keyed hash)")
        console.say("")
        removed = "would be removed from" if self.preview else "removed from"
        rows = [{removed: words(store), "items": number} for store, number in self.removed.items()]
        console.table(rows, (removed, "items"))
        if self.vendors:
            console.say("")
            console.table([asdict(each) for each in self.vendors], ("destination", "vendor", "contact_id", "result"))
        console.say("")
        for line in (*self._of_vendors(), *self._of_receipts(), *self._of_what_is_left()):
            console.say(line)

    def _of_vendors(self) -> list[str]:
        if self.preview and self.vendors:
            return [
                f"The ledger knows {counted(len(self.vendors), 'contact')} at vendors; the erasure forgets the ids.",
                "Now or never: with --vendors that same run asks the vendors. A later one has no id to name.",
            ]
        left = [f"Left at {each}" for each in self.vendors if each.contact is Contact.LEFT]
        return [*left, "The relay has forgotten these ids: keep this, nothing else has them."] if left else []

    def _of_receipts(self) -> list[str]:
        kept = self.kept_consent_receipts
        return [f"{counted(kept, 'consent receipt')} kept as proof; --receipts removes them."] if kept else []

    def _of_what_is_left(self) -> list[str]:
        remarks = [f"{counted(self.in_use, 'ledger item')} could not be removed: run it again."] if self.in_use else []
        for queue, number in self.not_looked_at.items():
            if number:
                remarks.append(f"About {counted(number, 'message')} of {words(queue)} could not be looked at.")
        if self.out_of_sight:
            remarks.append("The erasure drops what is this person's among them, undelivered, when it comes into sight.")
        if self.run_again_after and not self.preview:
            remarks.append(f"Run it again after {self.run_again_after} to have that certified.")
        return [*remarks, *self._verdict()]

    def _verdict(self) -> list[str]:
        if not self.found:
            return [f"Nothing of this person {'in what could be looked at' if self.out_of_sight else 'is here'}."]
        if self.preview:
            return []
        return ["Complete." if self.complete else "Not complete."]


def words(name: str) -> str:
    """Return the name of a store as people say it."""
    return name.replace("_", " ")
