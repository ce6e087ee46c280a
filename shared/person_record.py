"""What is remembered of one person at one vendor account, while a delivery holds the lease on it. Plain data.

A write is *unconfirmed* from the moment it is sent until the vendor has said what became of it. Unconfirmed writes stay
on record, because the vendor may still be working on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

UNFINISHED = "unfinished"
"""Kind of what a delivery that never ended may have sent: any write that its action makes."""
IN_PROGRESS = "in progress"
"""Kind of any write that the vendor may still be working on."""

KEPT_SECONDS = 60 * 86_400
"""How long an unconfirmed write is remembered. A message may wait 14 days in the queue and 14 as a dead letter, which
is replayed at its end: 28 days, and as much again."""
MAX_UNCONFIRMED = 50
"""Unconfirmed writes that are kept, the newest first: an item must not grow without bound."""


class VendorMemory(BaseModel):
    """Base of what a vendor's package wants remembered of a contact beside its id; one small model per vendor."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    is_only_copy: ClassVar[bool] = False
    """Whether it holds a record that cannot be read back from the vendor, so that it must never expire."""


class NoMemory(VendorMemory):
    """For vendors that need nothing but the contact's id."""


@dataclass(frozen=True, slots=True)
class UnconfirmedWrite:
    """A write whose outcome is not known.

    Attributes:
        kind: what was written, e.g. `create`; `unfinished` or `in progress` where it is not known.
        digest: tells two writes of one kind apart; of `unfinished` the digest of the sign-up's content.
        stamp: order of the sign-up that sent it.
        sent_at: when it was last sent, seconds since the epoch.
        over_at: when nobody waits for its answer any more, seconds since the epoch.
        count: how often it was sent.
    """

    kind: str
    digest: str
    stamp: str
    sent_at: float
    over_at: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class FailedAttempts:
    """How often a sign-up's delivery has failed; `last_at` in seconds since the epoch."""

    count: int
    last_at: float


@dataclass(slots=True)
class PersonRecord:
    """One person at one vendor account. Vendors read and change it; the ledger writes it back.

    Attributes:
        stamp: order of the sign-up that is being delivered.
        content: digest of what that sign-up says.
        now: when this delivery began, seconds since the epoch.
        ends_at: when this delivery must be over, seconds since the epoch.
        contact_id: the vendor's id of the contact.
        created_at: when we created the contact, at the latest, seconds since the epoch; None once it is not new.
        memory: the vendor's own small model; see `ActionSpec.memory`.
        people: keyed hashes by which an erasure finds the item.
        confirmed: whether the vendor has confirmed this delivery's fields, whatever its next call does.
        left_as_found: the vendor's fields that this delivery must only fill, and that hold a value already.
        fields: field at the vendor → stamp of the sign-up that wrote it.
        forms: destination and form → stamp of the newest delivered sign-up.
        failed_attempts: submission → attempts that failed so far.
        unconfirmed: writes whose outcome is not known.
    """

    stamp: str = ""
    content: str = ""
    now: float = 0.0
    ends_at: float = 0.0
    contact_id: str | None = None
    created_at: float | None = None
    memory: Any = field(default_factory=NoMemory, repr=False)
    people: frozenset[str] = frozenset()
    confirmed: bool = False
    left_as_found: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    failed_attempts: dict[str, FailedAttempts] = field(default_factory=dict)
    unconfirmed: list[UnconfirmedWrite] = field(default_factory=list)

    @property
    def over_at(self) -> float:
        """When nobody waits any more for what this delivery sends, seconds since the epoch."""
        return max(self.now, self.ends_at)

    def find_unconfirmed(self, kind: str, digest: str = "") -> UnconfirmedWrite | None:
        """Return the unconfirmed write of this kind, if there is one; a delivery that never ended counts too."""
        found = [write for write in self.unconfirmed if self._is(write, kind, digest)]
        if len(found) < 2:
            return found[0] if found else None
        last = max(found, key=lambda write: write.sent_at)
        return replace(last, over_at=max(w.over_at for w in found), count=sum(w.count for w in found))

    def find_recorded(self, kind: str, digest: str = "") -> UnconfirmedWrite | None:
        """Return exactly what `record` has noted of this write, without what a dead delivery may have sent."""
        return next((write for write in self.unconfirmed if (write.kind, write.digest) == (kind, digest)), None)

    def all_unconfirmed(self, kind: str) -> list[UnconfirmedWrite]:
        """Return all unconfirmed writes of this kind, whatever they said."""
        return [write for write in self.unconfirmed if write.kind in (kind, UNFINISHED)]

    def record(self, kind: str, digest: str = "") -> UnconfirmedWrite:
        """Record that a write is sent now. It is kept when the lease ends, or is implied by a lease that never ends."""
        known = self.find_recorded(kind, digest)
        write = UnconfirmedWrite(
            kind,
            digest,
            max(self.stamp, known.stamp) if known else self.stamp,
            self.now,
            self.over_at,
            known.count + 1 if known else 1,
        )
        self.unconfirmed = [w for w in self.unconfirmed if w is not known] + [write]
        return write

    def clear(self, kind: str, digest: str = "") -> None:
        """Take the write off the record: its outcome is known now. What another sign-up may have sent stays there."""
        self.unconfirmed = [
            replace(write, kind=IN_PROGRESS) if self._is(write, kind, digest) else write
            for write in self.unconfirmed
            if write.kind == UNFINISHED or not self._is(write, kind, digest)
        ]

    def restore(self, kind: str, digest: str, before: UnconfirmedWrite | None) -> None:
        """Record what was there `before` this write, which is known to have written nothing."""
        self.unconfirmed = [w for w in self.unconfirmed if (w.kind, w.digest) != (kind, digest)]
        if before is not None:
            self.unconfirmed.append(before)

    def busy_until(self, search_lag: float) -> float:
        """Return until when the vendor may work on another sign-up's write, seconds since the epoch; 0 for not.

        A newer one's counts too: where a write replaces the whole contact, it would take back what we write meanwhile.
        """
        others = [w.over_at for w in self.unconfirmed if w.kind in (UNFINISHED, IN_PROGRESS) and w.stamp != self.stamp]
        return max(others) + search_lag if others else 0.0

    def note_created(self) -> None:
        """Record that this delivery has created the contact."""
        self.created_at = self.over_at

    def stamp_fields(self, names: Iterable[str], stamp: str | None = None) -> None:
        """Record which sign-up wrote these fields, or may have; a stamp never goes back."""
        new = self.stamp if stamp is None else stamp
        written = frozenset(names) - self.left_as_found
        self.fields.update({name: max(new, self.fields.get(name, "")) for name in written})

    def count_failure(self, submission_id: str, *, failed: bool, ended: bool) -> int:
        """Count this attempt if it failed, forget the count if the delivery has ended; return the count."""
        before = self.failed_attempts.pop(submission_id, None)
        count = (before.count if before else 0) + (1 if failed else 0)
        if count and not ended:
            self.failed_attempts[submission_id] = FailedAttempts(count, self.now)
        return count

    def prune(self, search_lag: float) -> None:
        """Forget unconfirmed writes, counts and times that no longer matter to anybody."""
        if self.created_at is not None and self.now >= self.created_at + search_lag:
            self.created_at = None
        self.failed_attempts = {
            submission: attempts
            for submission, attempts in self.failed_attempts.items()
            if self.now < attempts.last_at + KEPT_SECONDS
        }
        writes = [write for write in self.unconfirmed if self.now < write.sent_at + KEPT_SECONDS]
        writes = [write for write in writes if write.kind != IN_PROGRESS or self.now < write.over_at + search_lag]
        self.unconfirmed = writes[-MAX_UNCONFIRMED:]

    def _is(self, write: UnconfirmedWrite, kind: str, digest: str) -> bool:
        if write.kind == UNFINISHED:
            return not digest or write.digest == self.content
        return (write.kind, write.digest) == (kind, digest)
