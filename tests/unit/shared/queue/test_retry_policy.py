from __future__ import annotations

import pytest

from shared.delivery.outcome import Delivered, Held, Outcome, Parked, Queued, Skipped, Superseded
from shared.queue.retry_policy import LONGEST_HOLD, LONGEST_WAIT, MAX_VISIBILITY, QUICK_SECONDS, RetryPolicy

HOUR = 3600.0
DAY = 24 * HOUR
POLICY = RetryPolicy(base=60, longest=6 * HOUR, max_age=3 * DAY, retention=10 * DAY)

ALMOST_ONE = 0.999_999_999


@pytest.mark.parametrize(
    ("attempts", "earliest", "latest"),
    [
        (0, 30, 60),
        (1, 30, 60),
        (2, 60, 120),
        (3, 120, 240),
        (4, 240, 480),
        (8, 3840, 7680),
        (9, 7680, 15360),
        (10, 3 * HOUR, 6 * HOUR),
        (11, 3 * HOUR, 6 * HOUR),
        (10_000, 3 * HOUR, 6 * HOUR),
    ],
)
def test_delays_double_from_a_minute_to_hours_and_their_jitter_grows_with_them(
    attempts: int, earliest: float, latest: float
) -> None:
    assert POLICY.delay(attempts, 0.0) == earliest
    assert POLICY.delay(attempts, ALMOST_ONE) == pytest.approx(latest, rel=1e-6)
    assert earliest < POLICY.delay(attempts, 0.5) < latest


@pytest.mark.parametrize(
    ("retry_after", "delay"),
    [
        (None, 30),
        (0, 30),
        (1, 30),
        (29.9, 30),
        (31, 31),
        (7200, 7200),
        (MAX_VISIBILITY, MAX_VISIBILITY),
        (43_200, MAX_VISIBILITY),
        (86_400, MAX_VISIBILITY),
        (float("inf"), MAX_VISIBILITY),
    ],
)
def test_retry_after_never_shortens_our_own_delay_and_is_capped_at_what_sqs_can_hide(
    retry_after: float | None, delay: float
) -> None:
    assert POLICY.delay(1, 0.0, retry_after=retry_after) == delay


@pytest.mark.parametrize(
    ("attempts", "delay"),
    [(0, QUICK_SECONDS), (1, QUICK_SECONDS), (2, 60.0), (3, 120.0)],
)
def test_only_the_first_repeat_that_a_vendor_rewards_comes_quickly(attempts: int, delay: float) -> None:
    assert POLICY.delay(attempts, 0.0, quickly=True) == delay


def test_a_quick_repeat_is_never_later_than_the_base_delay() -> None:
    assert RetryPolicy(base=0.2, longest=1, max_age=60, retention=600).delay(1, 0.0, quickly=True) == 0.2


def test_a_vendor_that_asks_for_patience_is_not_repeated_quickly() -> None:
    assert POLICY.delay(1, 0.0, quickly=True, retry_after=90) == 90


@pytest.mark.parametrize(
    ("outcome", "attempts", "receives", "earliest", "latest"),
    [
        (Queued("unavailable"), 1, 99, 30, 60),
        (Queued("unavailable"), 3, 99, 120, 240),
        (Queued("rate-limited", retry_in=500), 1, 1, 500, 500),
        (Queued("outcome-unknown", retry_quickly=True), 1, 1, QUICK_SECONDS, QUICK_SECONDS),
        (Queued("busy", is_attempt=False), 99, 0, 2.5, 5),
        (Queued("busy", is_attempt=False), 0, 3, 20, 40),
        (Queued("busy", is_attempt=False), 0, 1000, LONGEST_WAIT / 2, LONGEST_WAIT),
        (Queued("circuit-open", retry_in=15, is_attempt=False), 0, 0, 15, 15),
        (Queued("circuit-open", retry_in=15, is_attempt=False), 0, 9, LONGEST_WAIT / 2, LONGEST_WAIT),
        (Queued("look-again", retry_in=10**6, is_attempt=False), 0, 0, MAX_VISIBILITY, MAX_VISIBILITY),
        (Held(), 0, 0, 2.5, 5),
        (Held(), 50, 1000, LONGEST_HOLD / 2, LONGEST_HOLD),
        (Delivered(), 0, 1, 0, 0),
        (Skipped("no-identity"), 0, 1, 0, 0),
        (Superseded(), 0, 1, 0, 0),
        (Parked("refused"), 1, 1, 0, 0),
    ],
)
def test_each_outcome_waits_in_its_own_way(
    outcome: Outcome, attempts: int, receives: int, earliest: float, latest: float
) -> None:
    assert POLICY.wait(outcome, attempts, receives, 0.0) == earliest
    assert POLICY.wait(outcome, attempts, receives, ALMOST_ONE) == pytest.approx(latest, rel=1e-6)


@pytest.mark.parametrize(
    ("age", "held", "given_up"),
    [
        (0, 0, False),
        (3 * DAY - 1, 0, False),
        (3 * DAY, 0, True),
        (5 * DAY, 2 * DAY, True),
        (5 * DAY, 2 * DAY + 1, False),
        (10 * DAY - MAX_VISIBILITY - HOUR - 1, 9 * DAY, False),
        (10 * DAY - MAX_VISIBILITY - HOUR, 9 * DAY, True),
        (20 * DAY, 20 * DAY, True),
    ],
)
def test_a_transient_failure_is_given_up_by_age_without_the_time_it_was_held(
    age: float, held: float, given_up: bool
) -> None:
    assert POLICY.given_up(age, held) is given_up


def test_no_wait_lets_a_message_reach_the_end_of_its_retention_unseen() -> None:
    last_look = 10 * DAY - MAX_VISIBILITY - HOUR - 0.001
    assert not POLICY.about_to_vanish(last_look)
    longest = max(
        POLICY.wait(Held(), 0, 1000, ALMOST_ONE),
        POLICY.wait(Queued("rate-limited", retry_in=10**9), 99, 1000, ALMOST_ONE),
    )
    assert last_look + longest + HOUR <= 10 * DAY, "an hour is left for a queue that is slow to hand it out"


def test_the_looks_at_a_message_that_only_waits_stay_below_the_queues_backstop() -> None:
    looks, age = 0, 0.0
    while age < 10 * DAY:
        age += POLICY.wait(Held(), 0, looks, 0.0)
        looks += 1
    assert looks < 1000
    looks, age = 0, 0.0
    while age < 3 * DAY:
        age += POLICY.wait(Queued("busy", is_attempt=False), 0, looks, 0.0)
        looks += 1
    assert looks < 1000
