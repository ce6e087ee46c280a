"""The rate limit: a window that slides, for each key apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import LedgerUnavailable
from shared.ledger.rate_limit import RateLimit
from tests.support.clock import Clock
from tests.support.memory_table import MemoryTable


@pytest.fixture
def limit(table: MemoryTable, clock: Clock) -> RateLimit:
    return RateLimit(table, clock)


def passed(limit: RateLimit, times: int, rate: str = "5/minute", key: str = "newsletter#a") -> int:
    """Count how many of several get through."""
    return sum(limit.take(rate, key) == 0 for _ in range(times))


def test_as_many_get_through_as_the_limit_says(limit: RateLimit) -> None:
    assert passed(limit, 8) == 5


def test_who_is_over_it_is_told_when_to_come_again(limit: RateLimit, clock: Clock) -> None:
    clock.advance(20 - clock.now % 60)
    assert limit.take("1/minute", "newsletter#a") == 0
    assert limit.take("1/minute", "newsletter#a") == 40


def test_off_means_off(limit: RateLimit) -> None:
    assert passed(limit, 8, "off") == 8


def test_keys_are_counted_apart(limit: RateLimit) -> None:
    assert passed(limit, 6) == 5
    assert passed(limit, 6, key="newsletter#b") == 5


def test_the_last_window_fades_while_the_next_one_fills(limit: RateLimit, clock: Clock) -> None:
    assert passed(limit, 10, "10/minute") == 10
    clock.advance(60)
    assert passed(limit, 10, "10/minute") == 0, "a burst at the edge is no second burst"
    clock.advance(30)
    assert passed(limit, 10, "10/minute") == 5
    clock.advance(60)
    assert passed(limit, 10, "10/minute") == 8


def test_after_two_windows_all_is_forgotten(limit: RateLimit, clock: Clock) -> None:
    assert passed(limit, 5) == 5
    clock.advance(120)
    assert passed(limit, 8) == 5


@pytest.mark.parametrize(("rate", "seconds"), [("2/second", 1), ("2/hour", 3600), ("2/day", 86_400)])
def test_every_unit_is_a_window(limit: RateLimit, clock: Clock, rate: str, seconds: int) -> None:
    assert passed(limit, 3, rate) == 2
    clock.advance(2 * seconds)
    assert passed(limit, 3, rate) == 2


def test_the_counters_expire(limit: RateLimit, table: MemoryTable, clock: Clock) -> None:
    passed(limit, 1)
    assert table.item("newsletter#a")["expiration"] == (int(clock.now // 60) + 3) * 60


def test_an_item_that_is_counted_for_years_does_not_grow(limit: RateLimit, table: MemoryTable, clock: Clock) -> None:
    for _ in range(50):
        passed(limit, 1)
        clock.advance(60)
    assert len(table.item("newsletter#a")) <= 7


def test_a_sign_up_is_counted_by_one_call(limit: RateLimit, table: MemoryTable) -> None:
    limit.take("5/minute", "newsletter#a")
    assert table.calls == ["update newsletter#a"]


def test_callers_at_once_get_no_more_through_than_the_limit_says(limit: RateLimit) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: limit.take("5/minute", "newsletter#a"), range(40)))
    assert waits.count(0) == 5


def test_a_ledger_that_fails_is_told_apart_from_a_limit(clock: Clock, table: MemoryTable) -> None:
    def fail(key: str) -> None:
        raise LedgerUnavailable("DynamoDB answered Throttling")

    table.before_update = fail
    with pytest.raises(LedgerUnavailable):
        RateLimit(table, clock).take("5/minute", "newsletter#a")
