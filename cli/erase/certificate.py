"""The certificate of an erasure, or its preview: what was removed, when, by which request; never the address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

STORES = ("retry_queue", "dead_letters", "quarantine", "ledger", "consent_receipts")

COLUMNS = ("subject", "result")


class ContactState(StrEnum):
    """What became of the contact at a vendor."""

    GONE = "gone"
    FORGOTTEN = "forgotten"
    """Still at the vendor, and the ledger forgets its id with the person."""
    KNOWN = "known"
    """Still at the vendor; the ledger keeps its id for another run."""


@dataclass(frozen=True, slots=True)
class VendorResult:
    """One contact at one vendor. `result` is a fixed phrase."""

    destination: str
    vendor: str
    contact_id: str | None
    """The vendor's own id, needed to delete the contact by hand."""
    result: str
    contact: ContactState

    @property
    def row(self) -> dict[str, str]:
        """The contact as a row of the table."""
        is_lost = self.contact is ContactState.FORGOTTEN and self.contact_id is not None
        note = "; keep this id, the relay has forgotten it" if is_lost else ""
        contact = f"contact {self.contact_id}" if self.contact_id else "contact of unknown id"
        return _row(f"{self.destination} ({self.vendor}), {contact}", self.result + note)


@dataclass(slots=True)
class Certificate:
    """The result of an erasure or of its preview."""

    request_id: str
    at: str
    people: Mapping[str, str]
    """Keyed hashes of the e-mail address and the phone number."""
    preview: bool
    """Nothing was removed and no vendor was asked: `removed` counts what would be."""
    removed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STORES, 0))
    kept_consent_receipts: int = 0
    in_use: int = 0
    """Ledger items that are kept: a delivery holds them, or a vendor failed to delete the contact they name."""
    hidden: dict[str, int] = field(default_factory=dict)
    """By queue, about how many messages could not be read."""
    run_again_after: str | None = None
    vendors: list[VendorResult] = field(default_factory=list)
    named_by_others: list[str] = field(default_factory=list)
    """Message ids of other people's sign-ups that have the address or number in some field; they are kept."""
    interrupted: bool = False
    """The run did not come to its end."""

    @property
    def complete(self) -> bool:
        """Whether another run would find nothing more to remove."""
        is_left = self.in_use or self.named_by_others or any(self.hidden.values())
        return not (self.preview or self.interrupted or is_left)

    def record(self) -> dict[str, Any]:
        """Return it for JSON; a preview says `would_remove` where a certificate says `removed`."""
        record = {**asdict(self), "complete": self.complete}
        return {"would_remove" if self.preview and name == "removed" else name: record[name] for name in record}

    def rows(self) -> Iterator[dict[str, str]]:
        """Return the same facts as a table of two columns."""
        yield _row("preview" if self.preview else "erasure", self.request_id)
        yield _row("at", self.at)
        for kind, keyed_hash in self.people.items():
            yield _row(f"{kind} (keyed hash)", keyed_hash)
        for store in STORES:
            yield _row(store.replace("_", " "), ", ".join(self._counts(store)))
        for vendor in self.vendors:
            yield vendor.row
        if self.named_by_others:
            yield _row("kept, in other people's messages", ", ".join(self.named_by_others))
        if self.interrupted:
            yield _row("interrupted", "run again; what is listed here was removed")
        if self.run_again_after and not self.preview:
            yield _row("run again after", self.run_again_after)
        if not self.preview:
            yield _row("complete", "yes" if self.complete else "no")

    def _counts(self, store: str) -> Iterator[str]:
        yield f"{self.removed[store]} {'would be removed' if self.preview else 'removed'}"
        if store == "ledger" and self.in_use:
            yield f"{self.in_use} in use, run again"
        if store == "consent_receipts" and self.kept_consent_receipts:
            yield f"{self.kept_consent_receipts} kept as proof (--receipts removes them)"
        if hidden := self.hidden.get(store):
            yield f"about {hidden} not readable now, of anybody; this person's are dropped undelivered"


def _row(subject: str, result: str) -> dict[str, str]:
    return dict(zip(COLUMNS, (subject, result), strict=True))
