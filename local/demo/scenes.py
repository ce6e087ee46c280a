"""The chapters of the demo."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from local.demo.screen import Screen
from local.stack import Stack
from local.trial.evidence import waiting
from local.trial.stage import drain
from local.trial.views import views
from local.trial.visitors import Accepted, Crowd, Person, SignUp, people

SLOW_SECONDS = 2.0
"""Of a write: longer than a visitor's budget, and over before the relay trusts the vendor again."""


@dataclass
class Scenes:
    """The chapters, to be played in their order."""

    stack: Stack
    crowd: Crowd
    screen: Screen
    size: int
    seed: int
    _people: list[Person] = field(init=False)
    _numbers: int = field(init=False)
    _grace: Person = field(init=False)
    _mary: Person = field(init=False)

    def __post_init__(self) -> None:
        """Invent the people."""
        self._people = people(self.size, random.Random(self.seed))  # noqa: S311  to be repeatable is the point
        self._numbers = self.size
        self._grace, self._mary = _person("grace", 1), _person("mary", 2)

    def play(self) -> None:
        """Play all."""
        parts = [self._people[start::4] for start in range(4)]
        self.calm(parts[0])
        self.outage(parts[1])
        self.double_click()
        self.late_retry()
        self.slow_write()
        self.wrong_key(parts[2])
        self.recovery(parts[3])

    def calm(self, people: Sequence[Person]) -> None:
        """Nothing is wrong."""
        self.screen.chapter("A calm day", "people sign up on three forms, for five vendors")
        accepted = self._sign_up(people)
        at_once = sum(each.status == "delivered" for each in accepted)
        self.screen.say(f"{len(accepted)} sign-ups, {at_once} of them delivered before the answer. {_waited(accepted)}")

    def outage(self, people: Sequence[Person]) -> None:
        """One vendor is down, and comes back."""
        self.screen.chapter("An outage", "Pulse stops answering; nobody notices on the website")
        pulse = self.stack.twins["pulse"]
        pulse.stop()
        accepted = self._sign_up(people)
        self.screen.say(f"{len(accepted)} sign-ups, all accepted. {_waited(accepted)}")
        self.screen.say(f"{waiting(self.stack)} deliveries wait in the retry queue. Pulse comes back.")
        pulse.start()
        self._drain()
        self.screen.say("Everything that waited has been delivered.")

    def double_click(self) -> None:
        """Somebody clicks twice."""
        self.screen.chapter("A double click", "the same sign-up arrives twice at the same moment")
        self._send(_person("ada", 0), "news", "Ada", double_click=True)
        self.screen.say("Both clicks were answered with one id: one contact, one welcome message.")

    def late_retry(self) -> None:
        """An old sign-up is delivered after a newer one."""
        self.screen.chapter("A late retry", "Grace signs up while Whautomate is down, then again with a new name")
        grace, whautomate = self._grace, self.stack.twins["whautomate"]
        whautomate.stop()
        self._send(grace, "chat", "Grace", "Murray")
        whautomate.start()
        self._send(grace, "chat", "Grace", "Hopper")
        self.screen.say("The older sign-up waits in the queue. When it arrives, it must not bring the old name back.")

    def slow_write(self) -> None:
        """A write takes so long that a correction overtakes it."""
        self.screen.chapter("A correction after a slow write", "Which50 works on a write long after everybody gave up")
        mary = self._mary
        self.stack.twins["which50"].fail("hang", method="POST", seconds=SLOW_SECONDS, commit="after")
        first = self._send(mary, "news", "Mray")
        self.screen.say(f"The first answer came after {first.seconds:.1f} s, without Which50. Mary corrects her name.")
        self._send(mary, "news", "Mary")

    def wrong_key(self, people: Sequence[Person]) -> None:
        """A vendor changes its key, and the operator stores the new one."""
        self.screen.chapter("Wrong credentials", "Higher Logic changes its key")
        self.stack.twins["higherlogic"].change_key()
        accepted = self._sign_up(people)
        self.screen.say(
            f"{len(accepted)} sign-ups, all accepted; {waiting(self.stack)} deliveries are held or waiting."
        )
        self.stack.store_secrets()
        self.screen.say("The right key is stored; what was held goes on by itself.")

    def recovery(self, people: Sequence[Person]) -> None:
        """The rest signs up, and the queue drains."""
        self.screen.chapter("A calm evening", "the last people sign up while the queue drains")
        accepted = self._sign_up(people)
        self.screen.say(f"{len(accepted)} sign-ups. {_waited(accepted)}")
        self._drain()
        grace = self._name_at("whautomate", self._grace.phone)
        mary = self._name_at("which50", self._mary.email)
        self.screen.say(f"The retry queue is empty. Whautomate knows {grace}, Which50 knows {mary}.")

    def _sign_up(self, people: Sequence[Person]) -> Sequence[Accepted]:
        before, total = len(self.crowd.accepted), sum(len(person.sign_ups) for person in people)
        with self.screen.bar("sign-ups accepted", total) as done:
            self.crowd.sign_up(people, lambda accepted: done(accepted - before))
        return self.crowd.accepted[before:]

    def _drain(self) -> None:
        left = waiting(self.stack)
        with self.screen.bar("deliveries still waiting", max(left, 1)) as done:
            drain(self.stack, done)

    def _name_at(self, vendor: str, address: str) -> str:
        """Return the name that a vendor has of somebody."""
        found = [view for view in views(self.stack.twins[vendor]) if view.address == address]
        return " and ".join(f"{view.first_name} {view.last_name or ''}".strip() for view in found) or "nobody"

    def _send(
        self, person: Person, form: str, first_name: str, last_name: str = "", *, double_click: bool = False
    ) -> Accepted:
        self._numbers += 1
        names = {"first_name": first_name, **({"last_name": last_name, "phone": person.phone} if last_name else {})}
        values = {"email": person.email, **names, "news": True}
        return self.crowd.send(person, SignUp(self._numbers, form, values, spam=False, double_click=double_click))


def _person(name: str, number: int) -> Person:
    return Person(f"{name}@example.com", f"+1303555{number:04}")


def _waited(accepted: Sequence[Accepted]) -> str:
    waits = sorted(each.seconds for each in accepted)
    return f"Visitors waited {median(waits):.2f} s (median), {waits[-1]:.2f} s at most."
