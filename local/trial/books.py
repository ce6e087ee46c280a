"""The books: where every accepted delivery ended, and which promise was broken on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.stack import Stack
from local.trial.evidence import Delivery, logged_outcomes, parked_deliveries, quarantined_submissions, waiting
from local.trial.forms import DESTINATIONS
from local.trial.promises import PROMISES, broken_promises
from local.trial.visitors import Accepted

ENDS = ("delivered", "superseded", "parked", "quarantined")


@dataclass
class Books:
    """Counts are of deliveries: an accepted sign-up at one of its form's destinations."""

    sign_ups: int
    accepted: int
    ends: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Kind of `PROMISES` → where it was broken, without a name or an address."""

    @property
    def balanced(self) -> bool:
        """Whether everything accepted has ended, and ended as promised."""
        return (
            self.accepted == sum(self.ends[end] for end in ENDS) and not self.waiting and not any(self.broken.values())
        )


def balance(stack: Stack, accepted: list[Accepted], log: Path) -> Books:
    """Balance the books when nothing waits any more. `log` is the file that the stack logs to."""
    books = Books(len(accepted), sum(len(DESTINATIONS[each.sign_up.form]) for each in accepted))
    outcomes, parked, quarantined = logged_outcomes(log), parked_deliveries(stack), quarantined_submissions(stack)
    for each in accepted:
        for destination in DESTINATIONS[each.sign_up.form]:
            end = _end((each.submission_id, destination), outcomes, parked, quarantined)
            books.ends[end] += 1
            if end == "lost":
                books.broken["lost"].append(f"{each.submission_id} at {destination}")
    books.waiting = waiting(stack)
    for kind, where in broken_promises(stack.twins, accepted, parked):
        books.broken[kind].append(where)
    return books


def _end(
    delivery: Delivery, outcomes: Mapping[Delivery, set[str]], parked: set[Delivery], quarantined: set[str]
) -> str:
    if delivery[0] in quarantined:
        return "quarantined"
    if delivery in parked:
        return "parked"
    logged = outcomes.get(delivery, set())
    return next((end for end in ("delivered", "superseded") if end in logged), "lost")


def report(books: Books, figures: Mapping[str, object]) -> str:
    """Return the books as a table to print."""
    rows: list[tuple[str, object]] = [
        *figures.items(),
        ("sign-ups accepted", books.sign_ups),
        ("deliveries accepted", books.accepted),
        *((f"  {end}", books.ends[end]) for end in ENDS),
        ("  waiting", books.waiting),
        *((kind, len(books.broken[kind])) for kind in PROMISES),
    ]
    lines = [f"{name:<28}{value!s:>12}" for name, value in rows]
    lines += [f"  {kind}: {each}" for kind, where in books.broken.items() for each in where[:10]]
    return "\n".join([*lines, "balanced" if books.balanced else "NOT BALANCED"])
