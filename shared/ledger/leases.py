"""Leases: one DynamoDB item per person and vendor account, and the right to write that person there.

An item holds no personal data of its own accord: its key is a keyed hash, its values are vendor ids, stamps and counts.
A vendor that replaces whole records keeps the merged record in its memory.

Taking the lease says what the delivery is about to write. So a lease that ran out without being released tells by
itself that a write may have been sent, and no separate call has to say so before the vendor is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from boto3.dynamodb.conditions import Attr, ConditionBase

from shared.aws.dynamodb import Change, ConditionFailed, Item, Table, absent
from shared.deadline import Deadline
from shared.errors import LeaseBusy, LeaseLost, LedgerUnavailable
from shared.jitter import system_jitter
from shared.ledger.person_item import changes_of, doubts_of, record_of
from shared.person_record import PersonRecord, VendorMemory
from shared.telemetry import logger

LEASE_MARGIN_SECONDS = 2.0
"""How much longer a lease lasts than the delivery that holds it may run: room for clocks that differ."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
"""Between two looks at a lease that another delivery holds; doubles each time."""

MAX_PEOPLE = 50
"""Hashes of e-mails and phones that one item names; further ones get items of their own."""

REMEMBERED_SECONDS = 180 * 86_400
"""How long a person's item outlives the last delivery; dead letters can be replayed for 14 days at most."""
NEVER = 4_102_444_800
"""Expiration, in seconds since the epoch, of an item that holds the only copy of a record: the year 2100."""

PERSON = "person#"
LINK = "link#"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a delivery is about to write, and for whom.

    Attributes:
        key: the item's key.
        people: keyed hashes of the e-mail and phone, by which an erasure finds the item.
        stamp: order of the sign-up.
        content: digest of what the sign-up says.
        names: fields at the vendor that it would write.
        memory: the model of the vendor's memory.
        destination: by which name the account was last reached, for people who read the ledger.
    """

    key: str
    people: frozenset[str]
    stamp: str
    content: str
    names: frozenset[str]
    memory: type[VendorMemory]
    destination: str = "unknown"


def person_key(account: str, person: str) -> str:
    """Return the key of the item that remembers a person, by hash, at a vendor account."""
    return f"{PERSON}{account}#{person}"


class Leases:
    """Takes and releases leases in the ledger table.

    Attributes:
        search_lag: seconds for which a vendor may go on working on a write that was given up.
    """

    def __init__(
        self,
        table: Table,
        search_lag: float,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = system_jitter,
    ) -> None:
        self._table = table
        self._search_lag = search_lag
        self._wall_clock = wall_clock
        self._sleep = sleep
        self._jitter = jitter

    @contextmanager
    def hold(self, claim: Claim, deadline: Deadline) -> Generator[PersonRecord]:
        """Take the lease, lend the person's record, and write it back at the end, also after an error.

        A busy lease is waited for until half of the time is gone. A lease that cannot be released frees itself when it
        expires; an error of the delivery is raised all the same, since it tells what the vendor said.

        Raises:
            LeaseBusy: another delivery still holds it.
            LeaseLost: it ran out meanwhile, and the newer owner's record stands.
            LedgerUnavailable: DynamoDB failed.
            Defect: the item cannot be read.
        """
        owner = uuid4().hex
        record = self._wait_for(claim, deadline, owner)
        try:
            yield record
        except BaseException:
            self._release_after_error(claim, owner, record)
            raise
        self._release(claim, owner, record)

    def _wait_for(self, claim: Claim, deadline: Deadline, owner: str) -> PersonRecord:
        patience, pause = deadline.remaining / 2, FIRST_PAUSE_SECONDS
        while True:
            try:
                return self._take(claim, deadline, owner)
            except LeaseBusy:
                wait = pause * (1 + self._jitter())
                if deadline.remaining - wait < patience:
                    raise
                self._sleep(wait)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _take(self, claim: Claim, deadline: Deadline, owner: str) -> PersonRecord:
        now = self._wall_clock()
        ends_at = now + deadline.remaining
        lease = {
            "owner": owner,
            "stamp": claim.stamp,
            "content": claim.content,
            "names": sorted(claim.names),
            "taken_at": int(now * 1000),
        }
        change = Change(
            set={
                "lease": lease,
                "destination": claim.destination,
                "lease_until": int((ends_at + LEASE_MARGIN_SECONDS) * 1000),
                "expiration": self._expires(claim),
            },
            add={"people": set(claim.people)} if claim.people else {},
            # What a former owner that never released its lease was about to write.
            copy={"unreleased": "lease", "unreleased_until": "lease_until"},
        )
        is_free = absent("lease_until") | Attr("lease_until").lt(int(now * 1000))
        has_no_doubts = absent("unreleased") | Attr("unreleased").eq(None)
        try:
            item = self._table.update(claim.key, change, is_free & has_no_doubts)
        except ConditionFailed as failed:
            item = self._despite(failed.item, claim, owner, change, now)
        record = record_of(item, claim.memory, claim.stamp, claim.content, now, ends_at)
        if item.get("unreleased"):
            # The next lease that is never released would overwrite what this one left behind.
            self._keep_doubts(claim, owner, record)
        self._link_further_people(claim, record)
        return record

    def _despite(self, item: Item, claim: Claim, owner: str, change: Change, now: float) -> Item:
        """Take the lease where the first try found it ours already, or free with doubts that nobody has kept yet."""
        if item.get("lease", {}).get("owner") == owner:
            return item  # only the answer to taking it was lost
        if not item.get("unreleased") or item["lease_until"] >= int(now * 1000):
            raise LeaseBusy(max(0.0, item["lease_until"] / 1000 - now))
        # The former owner got no further than taking it: what it found unreleased must not be overwritten.
        try:
            return self._table.update(claim.key, replace(change, copy={}), Attr("lease_until").eq(item["lease_until"]))
        except ConditionFailed as failed:
            if failed.item.get("lease", {}).get("owner") != owner:
                raise LeaseBusy(FIRST_PAUSE_SECONDS) from None
            return failed.item

    def _keep_doubts(self, claim: Claim, owner: str, record: PersonRecord) -> None:
        try:
            self._table.update(claim.key, doubts_of(record), is_owned_by(owner))
        except ConditionFailed:
            # We were frozen for longer than our lease lasts.
            raise LeaseLost("another delivery took over this person") from None

    def _link_further_people(self, claim: Claim, record: PersonRecord) -> None:
        """Give the hashes that an item has no room for items of their own, so that no item grows without bound."""
        further = sorted(record.people - claim.people)[MAX_PEOPLE:]
        for hashed in further:
            link = {"id": f"{LINK}{hashed}#{claim.key}", "people": {hashed}, "person": claim.key}
            self._table.put({**link, "expiration": self._expires(claim)})
        record.people -= set(further)

    def _release(self, claim: Claim, owner: str, record: PersonRecord) -> None:
        record.prune(self._search_lag)
        change = changes_of(record, owner, self._expires(claim))
        try:
            self._table.update(claim.key, change, is_owned_by(owner))
        except ConditionFailed as failed:
            # Our own release holds already where only its answer was lost.
            if failed.item.get("released_by") != owner:
                raise LeaseLost("another delivery took over this person") from None

    def _release_after_error(self, claim: Claim, owner: str, record: PersonRecord) -> None:
        try:
            self._release(claim, owner, record)
        except LedgerUnavailable as error:
            logger.warning("lease not released", destination=claim.destination, error=str(error))

    def _expires(self, claim: Claim) -> int:
        return NEVER if claim.memory.is_only_copy else int(self._wall_clock()) + REMEMBERED_SECONDS


def is_owned_by(owner: str) -> ConditionBase:
    """Return the condition that the lease has not passed to another delivery."""
    return Attr("lease.owner").eq(owner)


def forget_failed_attempts(table: Table, key: str, submission_id: str) -> None:
    """Let a submission's failed attempts count from nothing again, where any are on record.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    name = f"failed_attempts.{submission_id}"
    try:
        table.update(key, Change(remove=[name]), Attr(name).exists())
    except ConditionFailed:
        return
