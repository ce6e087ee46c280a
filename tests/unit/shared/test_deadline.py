from __future__ import annotations

from shared.deadline import Deadline
from tests.support.clock import Clock


def test_a_deadline_counts_down_and_never_below_nothing() -> None:
    clock = Clock(100.0)
    deadline = Deadline.after(8, clock)
    assert deadline.remaining == 8
    clock.advance(7.5)
    assert (deadline.remaining, deadline.passed) == (0.5, False)
    clock.advance(60)
    assert (deadline.remaining, deadline.passed) == (0.0, True)


def test_a_deadline_in_the_past_has_passed_at_once() -> None:
    assert Deadline.after(-3).passed


def test_deadlines_are_measured_on_a_clock_that_nobody_sets() -> None:
    assert Deadline.after(5).remaining <= 5
