"""The ledger: one DynamoDB item per person and destination, and the lease that makes a delivery single-flight.

An item holds no personal data of its own accord: its key is a keyed hash, its values are vendor ids, stamps and counts.
Vendors that replace whole records keep the merged record in `details`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from shared.aws.dynamodb import ConditionFailed, from_item, to_item, translated
from shared.deadline import Deadline
from shared.errors import LeaseBusy, LeaseLost

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS = 180 * 86_400
"""How long a person's item outlives the last delivery; dead letters can be replayed for 14 days at most."""

LEASE_MARGIN_SECONDS = 2.0
"""How much longer a lease lasts than the delivery that holds it may run: room for clocks that differ."""

POLL_SECONDS = 0.05

PERSON = "person#"


def person_key(destination: str, person: str) -> str:
    """Return the key of the item that remembers a person, by hash, at a destination."""
    return f"{PERSON}{destination}#{person}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A write whose outcome is not known, put on record before it is sent.

    Attributes:
        at: when it was last sent, seconds since the epoch.
        count: how often it was sent.
        over: when nobody waits for its answer any more; a vendor may have worked on it until then.
    """

    at: float
    count: int
    over: float


@dataclass(slots=True)
class Lease:
    """The right to write one person to one destination, and what the ledger remembers of them there."""

    ledger: Ledger = field(repr=False)
    key: str
    owner: str
    ends: float
    """When the delivery that holds it is over, seconds since the epoch."""
    contact_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict, repr=False)
    permanent: bool = False
    """Keep the item for ever: its `details` are the only copy of a record."""
    confirmed: bool = False
    """Whether the vendor has confirmed this delivery's fields."""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    """Field → stamp of the sign-up that wrote it."""
    forms: dict[str, str] = field(default_factory=dict)
    """Form → stamp of its newest delivered sign-up."""
    tries: dict[str, int] = field(default_factory=dict)
    """Submission → attempts that failed so far."""

    def attempted(self, operation: str, digest: str = "") -> Attempt | None:
        """Return the write of this kind whose outcome is unknown, if there is one."""
        return self.attempts.get(f"{operation}#{digest}")

    def lost(self, operation: str) -> dict[str, Attempt]:
        """Return all writes of this kind whose outcome is unknown, by digest."""
        kind = f"{operation}#"
        return {key.removeprefix(kind): each for key, each in self.attempts.items() if key.startswith(kind)}

    def mark(self, operation: str, digest: str = "") -> Attempt:
        """Put a write on record before it is sent; also proves that the lease is still ours.

        Raises:
            LeaseLost: it is not.
            LedgerUnavailable: DynamoDB failed, so the write must not be sent.
        """
        known = self.attempted(operation, digest)
        now = self.ledger.now()
        attempt = Attempt(now, known.count + 1 if known else 1, max(now, self.ends))
        self.attempts[f"{operation}#{digest}"] = attempt
        self.ledger.write_attempts(self)
        return attempt

    def settle(self, operation: str, digest: str = "") -> None:
        """Take the write off the record; written back when the lease is released."""
        self.attempts.pop(f"{operation}#{digest}", None)

    def put_back(self, operation: str, digest: str, before: Attempt | None) -> None:
        """Let the record say what it said `before` this write, which is known to have written nothing."""
        self.settle(operation, digest)
        if before is not None:
            self.attempts[f"{operation}#{digest}"] = before


class Ledger:
    """Leases and memory, in the table named by `LEDGER_TABLE`."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        wall_clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._wall_clock = wall_clock
        self._sleep = sleep

    def lease(self, key: str, people: set[str], deadline: Deadline) -> Lease:
        """Take the lease on `key`, waiting for a busy one until half of the time is gone.

        Args:
            key: the item's key.
            people: hashes of the e-mail and phone, by which an erasure finds the item.
            deadline: when the delivery that holds the lease must be over.

        Raises:
            LeaseBusy: another delivery still holds it.
            LedgerUnavailable: DynamoDB failed.
        """
        patience = deadline.remaining / 2
        owner = uuid4().hex
        while True:
            try:
                return self._take(key, people, deadline, owner)
            except LeaseBusy:
                pause = POLL_SECONDS * (1 + random.random())  # noqa: S311  spreads waiters, guards nothing
                if deadline.remaining - pause < patience:
                    raise
                self._sleep(pause)

    def _take(self, key: str, people: set[str], deadline: Deadline, owner: str) -> Lease:
        now = self.now()
        ends = now + deadline.remaining
        try:
            with translated():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=to_item({"id": key}),
                    UpdateExpression="SET lease_owner = :owner, lease_until = :until"
                    + (" ADD people :people" if people else ""),
                    # Our own lease is free to us: botocore repeats a call whose answer was lost.
                    ConditionExpression="attribute_not_exists(lease_until) OR lease_until < :now"
                    " OR lease_owner = :owner",
                    ExpressionAttributeValues=to_item(
                        {
                            ":owner": owner,
                            ":until": int((ends + LEASE_MARGIN_SECONDS) * 1000),
                            ":now": int(now * 1000),
                            **({":people": people} if people else {}),
                        }
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailed as busy:
            until = busy.item.get("lease_until", 0) / 1000
            raise LeaseBusy(max(0.0, until - now)) from None
        return _lease(self, key, owner, ends, from_item(answer["Attributes"]))

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._wall_clock()

    def write_attempts(self, lease: Lease) -> None:
        """Put the lease's writes of unknown outcome on record, if the lease is still held."""
        self._write(lease, "SET attempts = :attempts", {":attempts": _attempt_items(lease.attempts)})

    def release(self, lease: Lease) -> None:
        """Write back what the delivery learned, and free the person.

        Raises:
            LeaseLost: the lease ran out; the newer owner's memory stands.
            LedgerUnavailable: DynamoDB failed; the lease frees itself when it expires.
        """
        sets: dict[str, Any] = {
            "attempts": _attempt_items(lease.attempts),
            "details": json.dumps(lease.details, separators=(",", ":")),
            "fields": lease.fields,
            "forms": lease.forms,
            "tries": lease.tries,
        }
        drops = ["lease_owner", "lease_until"]
        if lease.contact_id:
            sets["contact_id"] = lease.contact_id
        else:
            drops.append("contact_id")
        if lease.permanent:
            drops.append("expiration")
        else:
            sets["expiration"] = int(self.now()) + REMEMBERED_SECONDS
        # Every name goes through a placeholder: some are reserved words of DynamoDB.
        names = {f"#{name}": name for name in (*sets, *drops)}
        expression = (
            "SET " + ", ".join(f"#{name} = :{name}" for name in sets) + " REMOVE " + ", ".join(f"#{n}" for n in drops)
        )
        self._write(lease, expression, {f":{name}": value for name, value in sets.items()}, names)

    def forget_tries(self, key: str, submission_id: str) -> None:
        """Let a submission's failed attempts count from nothing again, where any are on record.

        Raises:
            LedgerUnavailable: DynamoDB failed.
        """
        try:
            with translated():
                self._client.update_item(
                    TableName=self._table,
                    Key=to_item({"id": key}),
                    UpdateExpression="REMOVE tries.#submission",
                    ConditionExpression="attribute_exists(tries.#submission)",
                    ExpressionAttributeNames={"#submission": submission_id},
                )
        except ConditionFailed:
            return

    def _write(
        self, lease: Lease, expression: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
    ) -> None:
        try:
            with translated():
                self._client.update_item(
                    TableName=self._table,
                    Key=to_item({"id": lease.key}),
                    UpdateExpression=expression,
                    ConditionExpression="#lease_owner_now = :lease_owner_now",
                    ExpressionAttributeValues=to_item({**values, ":lease_owner_now": lease.owner}),
                    ExpressionAttributeNames={**(names or {}), "#lease_owner_now": "lease_owner"},
                )
        except ConditionFailed:
            raise LeaseLost("another delivery took over this person") from None


def _lease(ledger: Ledger, key: str, owner: str, ends: float, item: Mapping[str, Any]) -> Lease:
    return Lease(
        ledger=ledger,
        key=key,
        owner=owner,
        ends=ends,
        contact_id=item.get("contact_id"),
        details=json.loads(item.get("details", "{}")),
        permanent="details" in item and "expiration" not in item,
        attempts={name: _attempt(a) for name, a in item.get("attempts", {}).items()},
        fields=item.get("fields", {}),
        forms=item.get("forms", {}),
        tries=item.get("tries", {}),
    )


def _attempt(item: Mapping[str, int]) -> Attempt:
    return Attempt(item["at"] / 1000, item["count"], item.get("over", item["at"]) / 1000)


def _attempt_items(attempts: Mapping[str, Attempt]) -> dict[str, Any]:
    return {
        name: {"at": int(a.at * 1000), "count": a.count, "over": int(a.over * 1000)} for name, a in attempts.items()
    }
