"""People who sign up, again and again, on several forms; and how they behave: double clicks, patience, spam."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from local.trial.forms import FIELDS, FORMS, ORIGIN

PATIENCE_SECONDS = 120.0
"""How long a visitor sends a sign-up that is not accepted, before the run is called failed.

The record of a killed process keeps others out until its invocation would have timed out, after 25 s.
"""

SPAM, DOUBLE_CLICKS, CONSENTS = 0.02, 0.08, 0.4
"""Shares of sign-ups."""

_AREAS = (201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228)


@dataclass(frozen=True)
class SignUp:
    """One sign-up as the visitor meant it; `number` orders all sign-ups of a person."""

    number: int
    form: str
    values: dict[str, Any]
    spam: bool
    double_click: bool

    @property
    def consents(self) -> bool:
        """Whether the visitor ticked the box."""
        return bool(self.values["news"])


@dataclass
class Person:
    """A visitor, known by both addresses."""

    email: str
    phone: str
    sign_ups: list[SignUp] = field(default_factory=list)


@dataclass(frozen=True)
class Accepted:
    """A sign-up that the relay has answered for."""

    person: Person
    sign_up: SignUp
    submission_id: str
    status: str
    """`delivered` or `accepted`."""
    seconds: float
    """How long the visitor waited for the answer."""


def people(size: int, dice: random.Random) -> list[Person]:
    """Make up people with `size` sign-ups in all, one to five each."""
    crowd: list[Person] = []
    numbers = iter(range(size))
    while True:
        index = len(crowd)
        phone = f"+1{_AREAS[index % len(_AREAS)]}555{index // len(_AREAS):04}"
        person = Person(f"visitor{index}@example.com", phone)
        for number in _some(numbers, dice.randint(1, 5)):
            person.sign_ups.append(_sign_up(number, person, dice))
        if not person.sign_ups:
            return crowd
        crowd.append(person)


def _some(numbers: Iterator[int], count: int) -> list[int]:
    return [number for _, number in zip(range(count), numbers, strict=False)]


def _sign_up(number: int, person: Person, dice: random.Random) -> SignUp:
    form = dice.choice(list(FORMS))
    said = {"first_name": _word(number), "last_name": f"{_word(number)}son"}
    values: dict[str, Any] = {
        "email": person.email,
        "phone": person.phone,
        **{name: said[name] for name in FIELDS[form]},
        "news": dice.random() < CONSENTS,
    }
    spam = dice.random() < SPAM
    if spam:
        values["website"] = "https://spam.example.com"
    return SignUp(number, form, values, spam, dice.random() < DOUBLE_CLICKS)


def _word(number: int) -> str:
    """Spell a number in letters: vendors have rules on names."""
    letters = ""
    for _ in range(5):
        number, digit = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[digit] + "aeiou"[digit % 5]
    return letters.capitalize()


class Crowd:
    """Posts the sign-ups of many people at once; one person's follow each other. A context manager."""

    def __init__(self, url: str, at_once: int, seed: int) -> None:
        self._client = httpx.Client(
            base_url=url, timeout=40, limits=httpx.Limits(max_connections=2 * at_once), headers={"origin": ORIGIN}
        )
        self._at_once = at_once
        self._seed = seed
        self.accepted: list[Accepted] = []
        self.refused: dict[str, int] = {}
        """Answers that did not accept a sign-up, by status; `none` where there was no answer."""

    def __enter__(self) -> Self:
        """Open the connections."""
        self._client.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close the connections."""
        self._client.close()

    def sign_up(self, people: Sequence[Person], tell: Callable[[int], None]) -> None:
        """Post everything that these people say; `tell` how many were accepted so far, in all."""

        def one_after_the_other(person: Person) -> None:
            for sign_up in person.sign_ups:
                self.send(person, sign_up)
                tell(len(self.accepted))

        with ThreadPoolExecutor(self._at_once) as threads:
            for done in [threads.submit(one_after_the_other, person) for person in people]:
                done.result()

    def send(self, person: Person, sign_up: SignUp) -> Accepted:
        """Post one sign-up until it is accepted."""
        key = f"{self._seed}-{sign_up.number}"
        patience_ends = time.monotonic() + PATIENCE_SECONDS
        while (started := time.monotonic()) < patience_ends:
            answers = self._posted(sign_up, key)
            ids = {answer["submissionId"] for answer in answers}
            assert len(ids) <= 1 or sign_up.spam, "a double click was taken for two sign-ups"
            if ids:
                accepted = Accepted(person, sign_up, ids.pop(), answers[0]["status"], time.monotonic() - started)
                self.accepted.append(accepted)
                return accepted
            time.sleep(0.25)
        raise AssertionError(f"a sign-up was never accepted; answers of the run: {self.refused}")

    def _posted(self, sign_up: SignUp, key: str) -> list[dict[str, str]]:
        """Post once, or twice at the same time; return the answers that accept the sign-up."""
        if not sign_up.double_click:
            return self._post(sign_up, key)
        with ThreadPoolExecutor(2) as clicks:
            return [
                answer for answers in clicks.map(lambda _: self._post(sign_up, key), range(2)) for answer in answers
            ]

    def _post(self, sign_up: SignUp, key: str) -> list[dict[str, str]]:
        headers = {"idempotency-key": key, "accept": "application/json"}
        try:
            answer = self._client.post(f"/forms/{sign_up.form}", json=sign_up.values, headers=headers)
        except httpx.TransportError:
            self._refused("none")
            return []
        if answer.status_code in {200, 202}:
            return [answer.json()]
        self._refused(str(answer.status_code))
        return []

    def _refused(self, answer: str) -> None:
        self.refused[answer] = self.refused.get(answer, 0) + 1
