"""Schedules out of a seed."""

from __future__ import annotations

from itertools import count
from random import Random

from tests.simulate.accounts import FORMS
from tests.simulate.faults import Chance
from tests.simulate.plan import Move, MoveKind, Plan, SignUp

ALL_SECONDS = 56.0
"""How long after it was given up a write may be worked off and hidden, both together; the relay assumes 60."""
WAITS = (0.0, 0.0, 0.0, 0.5, 3.0, 10.0, 25.0, 45.0, 65.0, 130.0, 700.0)
BROKEN: tuple[MoveKind, ...] = ("break", "repair")
RARE: tuple[MoveKind, ...] = ("rotate", "break", "repoint", "erase", "edit")


class Schedule:
    """One seed's plan, and the chance that fills in what goes wrong while it is run for the first time."""

    def __init__(self, seed: int) -> None:
        random = self._random = Random(seed)  # noqa: S311  a schedule is no secret
        self._vendor = random.choice(("pulse", "pulse", "esputnik", "whautomate", "which50", "higherlogic"))
        self._numbers = count()
        self._people = random.choice(((0,), (0,), (0,), (0, 1), (0, 1, 2)))
        self._forms = random.choice((FORMS[self._vendor], FORMS[self._vendor][:1], FORMS[self._vendor][-1:]))
        self._rare = random.choice(RARE) if random.random() < 0.4 else None
        is_storm = random.random() < 0.12
        self._waits = WAITS[:5] if random.random() < 0.1 else WAITS
        """People in a hurry correct themselves within seconds."""
        self._environments = random.choice((1, 2, 3))
        self.plan = Plan(
            self._vendor,
            skews=tuple(random.choice((0.0, -1.0, 1.0)) for _ in range(3)),
            search_lag=random.choice((0.0, 20.0, 35.0)),
            strict_minute=random.random() < 0.5,
            is_known=random.random() < 0.4,
            credentials_stay_broken=self._rare == "break" and random.random() < 0.06,
            batch_size=random.choice((1, 1, 3, 10)),
        )
        self.plan.moves = [self._move(0) for _ in range(random.randint(2, 8))]
        if is_storm:  # one sign-up that fails again and again
            tries = [Move("retry", random.choice((30.0, 700.0, 4000.0))) for _ in range(9)]
            self.plan.moves = [Move("sign-up", sign_up=self._sign_up()), *tries]
        has_outages = random.random() < 0.12
        if has_outages:  # enough of them in one environment for its circuits to open
            self._environments, self._people, self._forms = 1, (0, 1, 3), self._forms[-1:]
            self.plan.moves += [self._move(0) for _ in range(random.randint(3, 6))]
        slowest = ALL_SECONDS - self.plan.search_lag
        self.chance = Chance(random, self._meanwhile, slowest, is_storm=is_storm, has_outages=has_outages)

    def _meanwhile(self, random: Random, depth: int) -> list[Move]:
        return [self._move(depth) for _ in range(random.choice((1, 1, 2)))]

    def _move(self, depth: int) -> Move:
        random = self._random
        environment = random.randrange(self._environments)
        wait = random.choice(self._waits) if depth == 0 else random.choice(WAITS[:6])
        if self._rare and random.random() < 0.25:
            kind: MoveKind = random.choice(BROKEN) if self._rare == "break" else self._rare
            if kind != "edit" or self._vendor in ("whautomate", "esputnik"):
                return Move(kind, wait, environment)
        if random.random() < 0.5:
            pick, size, duplicate = random.randrange(4), random.choice((1, 1, 2, 4)), random.random() < 0.3
            return Move("retry", wait, environment, pick=pick, size=size, duplicate=duplicate)
        return Move("sign-up", wait, environment, self._sign_up())

    def _sign_up(self) -> SignUp:
        random = self._random
        return SignUp(
            next(self._numbers),
            random.choice(self._people),
            random.choice(self._forms),
            has_name=random.random() < 0.7,
            bad_name=random.random() < 0.2,
            has_size=random.random() < 0.5,
            phone=random.choice((None, 0, 0, 1)) if self._vendor != "whautomate" else 0,
            email_consent=random.random() < 0.4,
            sms_consent=random.random() < 0.4,
        )
