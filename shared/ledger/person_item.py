"""A person's item: how a `PersonRecord` is stored, and read back."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from shared.aws.dynamodb import Change, Item
from shared.errors import Defect
from shared.person_record import UNFINISHED, FailedAttempts, PersonRecord, UnconfirmedWrite, VendorMemory

LEASE = ("lease", "lease_until", "unreleased", "unreleased_until")
"""Attributes of an item whose lease is taken."""


def record_of(
    item: Item, memory: type[VendorMemory], stamp: str, content: str, now: float, ends_at: float
) -> PersonRecord:
    """Read the item of a lease that was just taken.

    A former lease that ran out unreleased tells that its sign-up may have been written: its fields are stamped, and
    it counts as an unconfirmed write.

    Raises:
        Defect: the item cannot be read; it is never taken for "nothing known".
    """
    try:
        record = PersonRecord(
            stamp=stamp,
            content=content,
            now=now,
            ends_at=ends_at,
            contact_id=item.get("contact_id"),
            created_at=item["created_at"] / 1000 if "created_at" in item else None,
            memory=memory.model_validate_json(item["memory"]) if "memory" in item else memory(),
            people=frozenset(item.get("people") or ()),
            fields=dict(item.get("fields", {})),
            forms=dict(item.get("forms", {})),
            failed_attempts={
                submission: FailedAttempts(int(each["count"]), each["last_at"] / 1000)
                for submission, each in item.get("failed_attempts", {}).items()
            },
            unconfirmed=[_write(each) for each in item.get("unconfirmed", ())],
        )
        if item.get("unreleased"):
            take_over(record, item["unreleased"], item["unreleased_until"] / 1000)
    except (ValidationError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise Defect(f"a person's item cannot be read: {type(error).__name__}") from None
    return record


def take_over(record: PersonRecord, lease: dict[str, Any], until: float) -> None:
    """Put on record what a former owner that never released its lease may have written."""
    same = [w for w in record.unconfirmed if (w.kind, w.digest) == (UNFINISHED, lease["content"])]
    write = UnconfirmedWrite(
        kind=UNFINISHED,
        digest=lease["content"],
        stamp=lease["stamp"],
        sent_at=lease["taken_at"] / 1000,
        over_at=until,
        count=1 + sum(w.count for w in same),
    )
    record.unconfirmed = [*(w for w in record.unconfirmed if w not in same), write]
    record.stamp_fields(lease["names"], lease["stamp"])


def _write(item: dict[str, Any]) -> UnconfirmedWrite:
    return UnconfirmedWrite(
        kind=item["kind"],
        digest=item["digest"],
        stamp=item["stamp"],
        sent_at=item["sent_at"] / 1000,
        over_at=item["over_at"] / 1000,
        count=int(item["count"]),
    )


def doubts_of(record: PersonRecord) -> Change:
    """Return what keeps a taken-over delivery on record, should this delivery never end either."""
    return Change(
        set={"unconfirmed": _writes(record), "fields": record.fields}, remove=["unreleased", "unreleased_until"]
    )


def _writes(record: PersonRecord) -> list[dict[str, Any]]:
    return [
        {
            "kind": write.kind,
            "digest": write.digest,
            "stamp": write.stamp,
            "sent_at": int(write.sent_at * 1000),
            "over_at": int(write.over_at * 1000),
            "count": write.count,
        }
        for write in record.unconfirmed
    ]


def changes_of(record: PersonRecord, owner: str, expiration: int) -> Change:
    """Return what releasing the lease changes."""
    values: dict[str, Any] = {
        "memory": record.memory.model_dump_json(exclude_defaults=True),
        "fields": record.fields,
        "forms": record.forms,
        "failed_attempts": {
            submission: {"count": each.count, "last_at": int(each.last_at * 1000)}
            for submission, each in record.failed_attempts.items()
        },
        "unconfirmed": _writes(record),
        "released_by": owner,
        "expiration": expiration,
    }
    optional = {
        "contact_id": record.contact_id,
        "created_at": None if record.created_at is None else int(record.created_at * 1000),
        "people": set(record.people) or None,
    }
    return Change(
        set={**values, **{name: value for name, value in optional.items() if value is not None}},
        remove=[*LEASE, *(name for name, value in optional.items() if value is None)],
    )
