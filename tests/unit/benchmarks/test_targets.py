"""The last lines of `make bench`."""

from __future__ import annotations

import pytest

from benchmarks.targets import Target, summary


@pytest.mark.parametrize(
    ("target", "is_met"),
    [
        (Target("time", 0.9, at_most=0.9), True),
        (Target("time", 0.91, at_most=0.9), False),
        (Target("efficiency", 0.85, at_least=0.85), True),
        (Target("efficiency", 0.84, at_least=0.85), False),
        (Target("without a baseline", None, at_most=0.55), False),
    ],
    ids=str,
)
def test_a_target_is_met_up_to_its_bound(target: Target, is_met: bool) -> None:
    assert target.is_met is is_met


def test_the_last_line_counts_the_targets_that_are_met() -> None:
    targets = [Target("time", 2, at_most=3), Target("efficiency", 0.5, at_least=0.85)]

    first, second, last = summary(targets).splitlines()

    assert first.endswith("met")
    assert second.endswith("MISSED")
    assert last == "bench: met 1 of 2 targets"


def test_what_could_not_be_measured_is_said_and_counted_as_not_met() -> None:
    row, last = summary([Target("time", None, at_most=3)]).splitlines()

    assert row.endswith("not measured")
    assert last == "bench: met 0 of 1 targets"
