"""The simulator bites: each guard of the relay that is taken away breaks a promise within the fixed seeds."""

from __future__ import annotations

import pytest

from tests.simulate.guards import GUARDS, Guard
from tests.simulate.promise_list import PROMISES
from tests.simulate.run import quiet, run_seed, shrunk

SEEDS_TRIED = 1200
"""Where the recorded seed does not find it any more: how many others are tried. See `guard_seeds.py`."""


def _breaks(guard: Guard, seed: int) -> bool:
    return any(broken.id in guard.breaks for broken in run_seed(seed).broken)


@pytest.mark.matrix
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.text)
def test_a_guard_that_is_taken_away_is_missed(guard: Guard) -> None:
    # Given the relay without this guard
    with quiet(), guard.taken_away():
        # When schedules are run, then one of them breaks the promise that the guard keeps
        assert _breaks(guard, guard.seed) or any(_breaks(guard, seed) for seed in range(SEEDS_TRIED))


def test_every_guard_names_promises_that_there_are() -> None:
    assert len(GUARDS) >= 25
    assert {name for guard in GUARDS for name in guard.breaks} <= PROMISES.keys()


@pytest.mark.matrix
def test_a_failing_schedule_shrinks_to_a_short_story() -> None:
    # Given the relay as it was when a slow write could win over a newer sign-up
    [slow_write] = [guard for guard in GUARDS if guard.name == "busy_until"]
    with quiet(), slow_write.taken_away():
        # When the schedule that finds it is made smaller
        verdict = shrunk(run_seed(slow_write.seed).plan)

        # Then few steps are left, the slow write among them, and they still break the promise
        assert verdict.broken[0].id == "P3b"
        assert any("works the request off later" in line for line in verdict.story)
        assert len(verdict.story) <= 15
