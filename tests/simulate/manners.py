"""Promises 6 and 7: whom a refusal concerns, when a vendor may be asked again, and what may end as a dead letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.delivery.outcome import Attempt
from shared.http.call import Call
from shared.ledger import gates
from tests.simulate.people import MARKUP_PERSON
from tests.simulate.queue import Held
from tests.simulate.safety import id_of
from tests.simulate.vendor import Work

if TYPE_CHECKING:
    from tests.simulate.promises import Promises

THREE_DAYS = 259_200.0
NEARLY_TEN_DAYS = 864_000.0 - 43_200.0 - 3_600.0
PROBE_SECONDS = 60.0
CLOCKS = 2.0
"""How far two environments' clocks may be apart."""
CACHE_AND_CLOCKS = 5.0 + CLOCKS
"""So long an environment may rely on what it has read of a gate."""


@dataclass
class Hold:
    """A destination's credentials were refused."""

    key: str
    since: float
    asked_at: float


class Manners:
    """Follows refusals and dead letters."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._world = promises.world
        self._refused: dict[str, tuple[Work, int, float, int]] = {}
        """Destination → its last refusal while that delivery lasts: status, wait, and how much had gone wrong."""
        self._paused: dict[str, tuple[float, float]] = {}
        self.holds: dict[str, Hold] = {}
        self._ever_refused: set[str] = set()
        self._keys: dict[str, str] = {}
        """Destination → the credentials of its last request."""
        self._judged = 0

    def on_refusal(self, work: Work, status: int, seconds: float) -> None:
        if status in (401, 429):
            troubles = self._promises.troubles[work.sign_up.number]
            self._refused[work.destination] = (work, status, seconds, troubles)
        if status == 401:
            self._ever_refused.add(work.destination)

    def on_attempt(self, work: Work, attempt: Attempt) -> None:
        """A delivery has ended: its refusal is known from now on, unless something kept it from being noted."""
        if attempt.outcome.kind == "delivered":
            self.holds.pop(work.destination, None)
        refused = self._refused.pop(work.destination, None)
        if refused is None or refused[0] is not work or self._promises.troubles[work.sign_up.number] != refused[3]:
            return
        _, status, seconds, _ = refused
        now = self._world.clock.now
        if status == 429 and attempt.outcome.reason == "rate-limited":
            self._paused[work.destination] = (now, now + seconds)
        if status == 401 and attempt.outcome.kind == "held":
            self.holds[work.destination] = Hold(self._keys[work.destination], now, now)

    def on_request(self, work: Work, call: Call) -> None:
        destination = work.destination
        key = self._keys[destination] = str(call.headers)
        if destination in self._paused:
            start, end = self._paused[destination]
            too_early = start + CACHE_AND_CLOCKS < work.at and self._world.clock.now < end - CLOCKS
            self._promises.check("P7c", not too_early, f"{destination} is asked although it asked for fewer calls")
        hold = self.holds.get(destination)
        if (
            hold is not None
            and hold.key == key
            and work.at > hold.since + CACHE_AND_CLOCKS
            and work.at != hold.asked_at
        ):
            too_early = work.at - hold.asked_at < PROBE_SECONDS - 30.0
            self._promises.check("P7d", not too_early, f"{destination} is asked although its credentials were refused")
            hold.asked_at = work.at

    def after_move(self) -> None:
        for destination in {f"{self._promises.vendor}-{form}" for form in "abc"}:
            held = "held_since" in self._world.table.items.get(gates.key(destination), {})
            text = f"{destination} is held although its credentials were never refused"
            self._promises.check("P6b", not held or destination in self._ever_refused, text)
        letters = self._world.queues.dead
        for letter in letters[self._judged :]:
            self._judge(letter)
        self._judged = len(letters)

    def _judge(self, letter: Held) -> None:
        sign_up, submission = self._world.sign_ups[id_of(letter)]
        reason, age = letter.attributes["reason"], self._world.clock.now - submission.received_at / 1000
        is_true = {
            "refused": sign_up.person == MARKUP_PERSON,
            "credentials": age >= NEARLY_TEN_DAYS,
            "ambiguous": self._promises.troubles[sign_up.number] >= 3,
        }.get(reason, reason.startswith("exhausted-") and age >= THREE_DAYS)
        self._promises.check("P7b", is_true, f"sign-up {sign_up.number} is a dead letter: {reason}, {age:.0f} s old")
