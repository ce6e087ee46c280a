"""Time tokens: issued by the clock, judged by the clock, sealed with the deployment's key."""

from __future__ import annotations

import pytest

from functions.submit.screening.time_token import MAX_AGE_SECONDS, TimeTokens
from shared.ledger.person_hashing import PersonHasher
from tests.support.clock import Clock


@pytest.fixture
def tokens(people: PersonHasher, clock: Clock) -> TimeTokens:
    return TimeTokens(people, clock)


@pytest.mark.parametrize(
    ("age", "doubt"),
    [
        (0, "token-too-young"),
        (2.9, "token-too-young"),
        (3, None),
        (MAX_AGE_SECONDS, None),
        (MAX_AGE_SECONDS + 1, "token-too-old"),
        (-1, "token-too-young"),
    ],
)
def test_a_token_is_judged_by_its_age(tokens: TimeTokens, clock: Clock, age: float, doubt: str | None) -> None:
    token = tokens.issue("newsletter")
    clock.advance(age)
    assert tokens.check("newsletter", token, 3) == doubt


def test_a_token_may_serve_more_than_once(tokens: TimeTokens, clock: Clock) -> None:
    token = tokens.issue("newsletter")
    clock.advance(10)
    assert [tokens.check("newsletter", token, 3) for _ in range(2)] == [None, None]


def test_a_token_cannot_be_made_older(tokens: TimeTokens, clock: Clock) -> None:
    issued_at, _, seal = tokens.issue("newsletter").partition(".")
    assert tokens.check("newsletter", f"{int(issued_at) - 10_000}.{seal}", 3) == "token-forged"


def test_a_token_serves_one_form(tokens: TimeTokens, clock: Clock) -> None:
    token = tokens.issue("newsletter")
    clock.advance(10)
    assert tokens.check("contact", token, 3) == "token-forged"


@pytest.mark.parametrize("token", ["x", ".", "1.", f".{'0' * 32}", f"{'9' * 20}.{'0' * 32}", f"1.{'0' * 31}\u0660"])
def test_nonsense_is_forged(tokens: TimeTokens, token: str) -> None:
    assert tokens.check("newsletter", token, 3) == "token-forged"


def test_no_token_is_a_doubt_of_its_own(tokens: TimeTokens) -> None:
    assert tokens.check("newsletter", "", 3) == "token-missing"
