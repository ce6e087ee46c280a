"""What can go wrong at a call, by what is called; and who decides it: chance, or a plan that is replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from tests.simulate.plan import Fault, Move

Point = Literal["table", "queue", "secret", "vendor read", "vendor write"]

ANYWHERE = ("crash", "freeze", "meanwhile")
AWS = (*ANYWHERE, "crash after", "no answer", "lost answer")
FAULTS: dict[Point, tuple[str, ...]] = {
    "table": (*AWS, "repeated"),
    "queue": AWS,
    "secret": (*ANYWHERE, "no answer"),
    "vendor read": (*ANYWHERE, "no connection", "no answer", "500", "429", "401", "page"),
    "vendor write": (
        *(*ANYWHERE, "crash after", "no connection", "no answer", "lost answer", "slow", "crash while slow"),
        *("500", "500 after", "slow 500", "503", "429", "401", "page", "403 page"),
    ),
}
OUTAGES = ("no connection", "no answer", "500")
ALL = sorted({kind for kinds in FAULTS.values() for kind in kinds})

WORDS = {
    "crash": "the process dies before the call is made",
    "crash after": "the process dies right after the call has worked",
    "freeze": "the process is frozen",
    "meanwhile": "before it is made, this happens",
    "no answer": "the call is lost; no answer comes",
    "lost answer": "the call works, its answer is lost",
    "repeated": "the call works, its answer is lost, and the client repeats it",
    "no connection": "no connection can be made",
    "slow": "no answer comes in time, and the vendor works the request off later",
    "crash while slow": "the process dies, and the vendor works the request off later",
    "500": "a 500 that wrote nothing",
    "500 after": "a 500 although it was written",
    "slow 500": "a 500, and the vendor works the request off later",
    "503": "a 503 that wrote nothing",
    "429": "a 429 with Retry-After",
    "401": "a 401",
    "page": "a web page with 200, nothing written",
    "403 page": "a firewall's page with 403",
}


class Chance:
    """Decides by a seed, and writes what it decided into the move. Each schedule knows a few kinds of trouble only."""

    def __init__(
        self,
        random: Random,
        meanwhile: Callable[[Random, int], list[Move]],
        slowest: float,
        *,
        is_storm: bool,
        has_outages: bool,
    ) -> None:
        self._random = random
        self._meanwhile = meanwhile
        self._slowest = slowest
        self._kinds = set(random.sample(FAULTS["vendor write"] if is_storm else ALL, random.choice((1, 2, 3, 5))))
        if random.random() < 0.5 and not is_storm:
            self._kinds.add("meanwhile")
        self._has_outages, self._outage, self._calls_left = has_outages, "", 0
        self._rate = random.choice((0.3, 0.5, 0.7)) if is_storm else random.choice((0.0, 0.05, 0.1, 0.2))

    def fault(self, move: Move, number: int, point: Point, depth: int) -> Fault | None:
        random = self._random
        if self._has_outages and point.startswith("vendor") and self._is_down():
            fault = move.faults[number] = Fault(self._outage)
            return fault
        if random.random() >= self._rate:
            return None
        kinds = [kind for kind in FAULTS[point] if kind in self._kinds and (depth < 3 or kind != "meanwhile")]
        if not kinds:
            return None
        fault = Fault(random.choice(kinds))
        if fault.kind == "freeze":
            fault.seconds = random.choice((1.0, 5.0, 12.0, 30.0))
        elif fault.kind in ("slow", "slow 500", "crash while slow"):
            fault.seconds = min(random.choice((0.5, 5.0, 20.0, 56.0)), self._slowest)
        elif fault.kind == "429":
            fault.seconds = random.choice((20.0, 120.0, 900.0))
        elif fault.kind == "meanwhile":
            fault.moves = self._meanwhile(random, depth)
        move.faults[number] = fault
        return fault

    def _is_down(self) -> bool:
        """Whether the vendor fails at this call, as it does at several in a row."""
        if self._calls_left == 0 and self._random.random() < 0.15:
            self._outage, self._calls_left = self._random.choice(OUTAGES), self._random.randint(3, 9)
        is_down = self._calls_left > 0
        self._calls_left -= is_down
        return is_down


@dataclass
class Replay:
    """Decides what the plan says; a fault that fits no more is left out."""

    used: list[Fault] = field(default_factory=list)

    def fault(self, move: Move, number: int, point: Point, depth: int) -> Fault | None:
        fault = move.faults.get(number)
        return fault if fault is not None and fault.kind in FAULTS[point] else None
