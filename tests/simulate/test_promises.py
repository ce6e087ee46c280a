"""The promises hold under every schedule of a fixed set of seeds, and a schedule is the same whenever it is run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulate.guard_seeds import SEEDS
from tests.simulate.run import quiet, replay, run_seed

FEW, MANY = range(150), range(150, 2550)


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with quiet():
        yield


def _broken(seeds: range) -> list[str]:
    return [f"seed {seed}: {broken}" for seed in seeds for broken in run_seed(seed).broken]


def test_no_schedule_breaks_a_promise() -> None:
    assert _broken(FEW) == []


@pytest.mark.matrix
@pytest.mark.parametrize("first", range(MANY.start, MANY.stop, 600))
def test_no_schedule_of_many_breaks_a_promise(first: int) -> None:
    assert _broken(range(first, first + 600)) == []


def test_a_schedule_that_is_replayed_goes_the_same_way() -> None:
    # Given schedules as their seeds made them, with what went wrong in each
    for verdict in map(run_seed, sorted(SEEDS.values())[:10]):
        # When each is run again, twice
        once, twice = replay(verdict.plan, tell=True), replay(verdict.plan, tell=True)

        # Then the same is checked, and the story is the same
        assert once.checks == verdict.checks
        assert once.story == twice.story
