"""Running schedules: one seed, one plan, and the shortest plan that still breaks the same promise."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from shared.forms import Form, Forms
from tests.simulate.breaker import simulated_processes
from tests.simulate.chance import Schedule
from tests.simulate.faults import Replay
from tests.simulate.overheard import listening
from tests.simulate.plan import Fault, Move, Plan
from tests.simulate.promises import Broken
from tests.simulate.world import Decider, World


class _ReadOnce(Forms):
    """Form files that nobody changes, so that not every delivery looks at the file."""

    @cache  # noqa: B019  there is one
    def get(self, form_id: str) -> Form:
        return super().get(form_id)


FORMS = _ReadOnce(Path(__file__).parent / "forms")


@dataclass(frozen=True)
class Verdict:
    """What became of one schedule."""

    plan: Plan
    broken: tuple[Broken, ...]
    checks: int
    story: tuple[str, ...] = ()


@contextmanager
def quiet() -> Generator[None]:
    """Let the relay write nothing, and Powertools read the simulated clocks."""
    with listening(), simulated_processes():
        yield


def run_seed(seed: int) -> Verdict:
    """Run the schedule of a seed."""
    schedule = Schedule(seed)
    return _run(schedule.plan, schedule.chance)


def replay(plan: Plan, *, tell: bool = False) -> Verdict:
    """Run a plan again, just as it was."""
    story: list[str] = []
    verdict = _run(plan, Replay(), story.append if tell else None)
    return Verdict(verdict.plan, verdict.broken, verdict.checks, tuple(story))


def _run(plan: Plan, decider: Decider, story: Callable[[str], None] | None = None) -> Verdict:
    world = World(plan, FORMS, decider, story)
    for move in plan.moves:
        world.make(move)
        if world.promises.broken:
            break
    else:
        world.drain()
    world.promises.after_all()
    return Verdict(plan, tuple(world.promises.broken), world.promises.checks)


def shrunk(plan: Plan) -> Verdict:
    """Return a shorter plan that breaks the same promise, and its story: leaves out steps while it still does."""
    best = replay(plan)
    wanted = best.broken[0].id
    is_shorter = True
    while is_shorter:
        is_shorter = False
        for smaller in _smaller(best.plan):
            verdict = replay(smaller)
            if verdict.broken and verdict.broken[0].id == wanted:
                best, is_shorter = verdict, True
                break
    return replay(best.plan, tell=True)


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Yield the plan without each one of its moves and faults, nested ones too."""
    number = 0
    while True:
        smaller = copy.deepcopy(plan)
        if not _without(smaller.moves, [number]):
            break
        yield smaller
        number += 1
    for name, value in (("skews", (0.0, 0.0, 0.0)), ("search_lag", 0.0), ("is_known", False), ("strict_minute", False)):
        if getattr(plan, name) != value:
            smaller = copy.deepcopy(plan)
            setattr(smaller, name, value)
            yield smaller


def _without(moves: list[Move], left: list[int]) -> bool:
    """Take out the move or fault that comes `left[0]` places further on; whether there was one."""
    for index, move in enumerate(moves):
        if left[0] == 0:
            del moves[index]
            return True
        left[0] -= 1
        if _without_fault(move.faults, left):
            return True
    return False


def _without_fault(faults: dict[int, Fault], left: list[int]) -> bool:
    for number, fault in list(faults.items()):
        if left[0] == 0:
            del faults[number]
            return True
        left[0] -= 1
        if _without(fault.moves, left):
            return True
    return False


@dataclass
class Totals:
    """What many seeds have shown."""

    schedules: int = 0
    checks: int = 0
    broken: dict[int, Verdict] = field(default_factory=dict)

    def add(self, seed: int, verdict: Verdict) -> None:
        self.schedules += 1
        self.checks += verdict.checks
        if verdict.broken:
            self.broken[seed] = verdict
