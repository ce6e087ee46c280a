"""The books: what became of every accepted sign-up at every destination, read from twins, queues, ledger and logs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.stack import Stack
from shared.aws.dynamodb import from_item
from shared.ledger.quarantine import PREFIX as QUARANTINE
from tests.chaos.forms import DESTINATIONS, FIELDS, VENDOR_OF
from tests.chaos.views import View, views
from tests.chaos.visitors import Accepted, Person

ENDS = ("delivered", "superseded", "parked", "quarantined")


@dataclass
class Books:
    """Counts are of deliveries: an accepted sign-up at one of its form's destinations."""

    sign_ups: int
    accepted: int
    ends: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What was promised never to happen → where it did, without a name or an address."""

    @property
    def balanced(self) -> bool:
        """Whether everything accepted has ended, and ended as promised."""
        return (
            self.accepted == sum(self.ends[end] for end in ENDS)
            and not self.waiting
            and not any(self.violations.values())
        )


def balance(stack: Stack, accepted: list[Accepted], log: Path) -> Books:
    """Balance the books when nothing waits any more."""
    books = Books(len(accepted), sum(len(DESTINATIONS[each.sign_up.form]) for each in accepted))
    parked, quarantined = _parked(stack), _quarantined(stack)
    outcomes = _outcomes(log)
    for each in accepted:
        for destination in DESTINATIONS[each.sign_up.form]:
            end = _end(each, destination, outcomes, parked, quarantined)
            books.ends[end] += 1
            if end == "lost":
                books.violations["lost"].append(f"{each.submission_id} at {destination}")
    books.waiting = waiting(stack)
    _compare(books, stack, accepted, parked)
    return books


def _end(
    each: Accepted,
    destination: str,
    outcomes: Mapping[tuple[str, str], set[str]],
    parked: set[tuple[str, str]],
    quarantined: set[str],
) -> str:
    if each.submission_id in quarantined:
        return "quarantined"
    delivery = (each.submission_id, destination)
    if delivery in parked:
        return "parked"
    return next((end for end in ("delivered", "superseded") if end in outcomes[delivery]), "lost")


# Where the truth is.


def _outcomes(log: Path) -> dict[tuple[str, str], set[str]]:
    """Return what the log says of each delivery; a line may be cut off where its process was killed."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in log.read_text(errors="replace").splitlines():
        if '"message":"delivery"' in line:
            try:
                said = json.loads(line[line.index("{") :])
            except ValueError:
                continue
            found[said["submission_id"], said["destination"]].add(said["outcome"])
    return found


def _parked(stack: Stack) -> set[tuple[str, str]]:
    """Return (submission, destination) of all dead letters."""
    url, parked = stack.references["DeadLetterQueue"], set()
    while letters := stack.clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600, MessageAttributeNames=["All"]
    ).get("Messages"):
        for letter in letters:
            attributes = letter["MessageAttributes"]
            parked.add((attributes["submission_id"]["StringValue"], attributes["destination"]["StringValue"]))
    return parked


def _quarantined(stack: Stack) -> set[str]:
    pages = stack.clients.dynamodb.get_paginator("scan").paginate(TableName=stack.references["LedgerTable"])
    keys = [from_item(item)["id"] for page in pages for item in page["Items"]]
    return {key.removeprefix(QUARANTINE) for key in keys if key.startswith(QUARANTINE)}


def waiting(stack: Stack) -> int:
    """Count what the retry queue holds, in whatever state."""
    names: Any = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    attributes: Any = stack.clients.sqs.get_queue_attributes(
        QueueUrl=stack.references["RetryQueue"], AttributeNames=names
    )["Attributes"]
    return sum(int(attributes[name]) for name in names)


# What was promised.


def _compare(books: Books, stack: Stack, accepted: list[Accepted], parked: set[tuple[str, str]]) -> None:
    """Compare what each vendor holds of each person with what they said."""
    said: dict[tuple[str, str], list[Accepted]] = defaultdict(list)
    for each in sorted((each for each in accepted if not each.sign_up.spam), key=lambda each: each.sign_up.number):
        for destination in DESTINATIONS[each.sign_up.form]:
            said[destination, _address(each.person, destination)].append(each)
    for destination, vendor in VENDOR_OF.items():
        held: dict[str, list[View]] = defaultdict(list)
        for view in views(stack.twins[vendor]):
            held[view.address].append(view)
        for (where, address), sign_ups in said.items():
            if where == destination:
                _judge(books, destination, held.pop(address, []), sign_ups, parked)
        books.violations["strangers"] += [destination] * len(held)


def _address(person: Person, destination: str) -> str:
    return person.phone if VENDOR_OF[destination] == "whautomate" else person.email


def _judge(
    books: Books, destination: str, held: list[View], sign_ups: list[Accepted], parked: set[tuple[str, str]]
) -> None:
    undisputed = [each for each in sign_ups if (each.submission_id, destination) not in parked]
    if len(held) > 1:
        books.violations["duplicates"].append(f"{sign_ups[-1].submission_id} at {destination}")
    if not held and undisputed:
        books.violations["lost"].append(f"{undisputed[-1].submission_id} at {destination}, nobody is there")
    for view in held:
        if view.subscribed and not any(each.sign_up.consents for each in sign_ups):
            books.violations["re-subscribed"].append(f"{sign_ups[-1].submission_id} at {destination}")
        for name in _stale_fields(view, sign_ups, undisputed):
            books.violations["stale"].append(f"{sign_ups[-1].submission_id} at {destination}: {name}")


def _stale_fields(view: View, sign_ups: list[Accepted], undisputed: list[Accepted]) -> Iterator[str]:
    """Tell the fields whose value is older than the newest that was delivered.

    A parked sign-up may or may not have been written before it was parked, so its value is right as well.
    """
    for name in ("first_name", "last_name"):
        newest = max((e.sign_up.number for e in undisputed if name in FIELDS[e.sign_up.form]), default=-1)
        right = {
            e.sign_up.values[name] for e in sign_ups if name in FIELDS[e.sign_up.form] and e.sign_up.number >= newest
        }
        value = getattr(view, name)
        if newest >= 0 and value is not None and value not in right:
            yield name


def report(books: Books, figures: Mapping[str, object]) -> str:
    """Return the books as a table to print."""
    rows: list[tuple[str, object]] = [
        *figures.items(),
        ("sign-ups accepted", books.sign_ups),
        ("deliveries accepted", books.accepted),
        *((f"  {end}", books.ends[end]) for end in ENDS),
        ("  waiting", books.waiting),
        *(
            (name, len(books.violations[name]))
            for name in ("lost", "duplicates", "stale", "re-subscribed", "strangers")
        ),
    ]
    lines = [f"{name:<28}{value!s:>12}" for name, value in rows]
    lines += [f"  {name}: {each}" for name, where in books.violations.items() for each in where[:10]]
    return "\n".join([*lines, "balanced" if books.balanced else "NOT BALANCED"])
