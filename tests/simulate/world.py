"""The world of one schedule: true time, table, queues, accounts, environments; it makes the moves of a plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from functions.retry.batch import consume_all
from functions.submit.refusal import Refusal
from shared.deadline import Deadline
from shared.delivery.outcome import Attempt
from shared.forms import Forms
from shared.http.call import Call
from shared.ledger import erasures
from shared.submission import Submission
from tests.simulate.accounts import Accounts
from tests.simulate.clock import Clock
from tests.simulate.environment import SUBMIT_SECONDS, AtOnce, Crash, Environment
from tests.simulate.faults import Point
from tests.simulate.people import email_of, submission_of
from tests.simulate.plan import Fault, Move, Plan, SignUp
from tests.simulate.promises import Promises
from tests.simulate.queue import Held, MemoryQueues
from tests.simulate.table import MemoryTable
from tests.simulate.vendor import Answer, Work

RETRY_FUNCTION_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 1000.0
"""Longer than any vendor here asks to be left alone."""
LAST_SIGN_UP = 900
MOST_RECEIVES = 1000
"""So often the queue hands out a message before it moves it away without a reason ("maxReceiveCount")."""


class Decider(Protocol):
    """Says what goes wrong at the `number`-th call of a move."""

    def fault(self, move: Move, number: int, point: Point, depth: int) -> Fault | None: ...


@dataclass
class Frame:
    """A move that is under way."""

    move: Move
    started: float
    calls: int = 0
    stolen: float = 0.0
    """Seconds that passed while others went on, or while the process was frozen."""
    outcomes: dict[tuple[str, str], str] = field(default_factory=dict)
    """How deliveries ended, by sign-up and destination: the kind of the last outcome."""


@dataclass
class _Context:
    """What Lambda tells an invocation of the retry function."""

    clock: Clock
    ends_at: float = 0.0

    def __post_init__(self) -> None:
        self.ends_at = self.clock.now + RETRY_FUNCTION_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return int((self.ends_at - self.clock.now) * 1000)


class World:
    """Makes moves, one after the other and one within the other; `promises` judges what happens."""

    def __init__(self, plan: Plan, forms: Forms, decider: Decider, story: Callable[[str], None] | None = None) -> None:
        self.plan, self.forms = plan, forms
        self.decider: Decider | None = decider
        self.story = story
        self.clock, self.table = Clock(), MemoryTable()
        self.queues = MemoryQueues(self.clock)
        self.promises = Promises(self)
        self.accounts = Accounts(plan, self.clock, self.promises)
        self.secrets = {"ledger-key": json.dumps({"key": "the key of the ledger"}), **self.accounts.secrets()}
        self.environments: dict[int, Environment] = {}
        self.frames: list[Frame] = []
        self.sign_ups: dict[str, tuple[SignUp, Submission]] = {}
        self.numbers = count()
        self.well_since: float | None = None
        """Since when nothing goes wrong any more."""

    # What environments tell.

    def interrupt(self, environment: Environment, point: Point) -> Fault | None:
        """Let go wrong what goes wrong at a call."""
        frame = self.frames[-1]
        number, frame.calls = frame.calls, frame.calls + 1
        fault = self.decider.fault(frame.move, number, point, len(self.frames)) if self.decider else None
        if fault is None:
            return None
        self.promises.on_fault(environment)
        before = self.clock.now
        self.tell(f"at call {number + 1}, to the {point.split()[0]}: ", fault)
        if fault.kind == "freeze":
            self.clock.advance(fault.seconds)
        for move in fault.moves:
            self.make(move)
        frame.stolen += self.clock.now - before
        return None if fault.kind in ("freeze", "meanwhile") else fault

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def work_of(self, submission: Submission, destination: str) -> Work:
        frame = self.frames[-1]
        asked_at = frame.started if frame.move.kind == "retry" else None
        sign_up = self.sign_ups[submission.id][0]
        troubles = self.promises.troubles[sign_up.number]
        return Work(sign_up, str(submission.stamp), destination, self.clock.now, asked_at, troubles)

    def on_request(self, environment: Environment, call: Call) -> None:
        self.promises.on_request(environment.work, call)

    def on_refusal(self, environment: Environment, status: int, seconds: float) -> None:
        self.promises.on_refusal(environment.work, status, seconds)

    def on_attempt(self, environment: Environment, attempt: Attempt) -> None:
        work = environment.work
        self.frames[-1].outcomes[work.stamp, work.destination] = attempt.outcome.kind
        self.promises.on_attempt(environment.work, attempt)

    def vendor_answer(self, environment: Environment, call: Call) -> Answer:
        return self.answer_for(call, environment.work)

    def answer_for(self, call: Call, work: Work) -> Answer:
        answer = self.accounts.answer(call, work)
        if answer.status in (401, 403):
            self.promises.on_refusal(work, answer.status, 0.0)
        else:
            self.promises.holds.pop(work.destination, None)
        return answer

    # Moves.

    def make(self, move: Move) -> None:
        """Make a move; a process that dies takes only its own move with it."""
        self.clock.advance(move.wait)
        self.tell(f"{move.wait:g} s later, ", move)
        self.frames.append(Frame(move, self.clock.now))
        try:
            getattr(self, f"_{move.kind.replace('-', '_')}")(move)
        except Crash:
            self.tell("the process is dead", None)
        finally:
            self.frames.pop()
        self.promises.after_move()

    def environment(self, number: int) -> Environment:
        known = self.environments.get(number)
        if known is None or known.is_dead:
            known = self.environments[number] = Environment(self, number)
        return known

    def _sign_up(self, move: Move) -> None:
        sign_up = move.sign_up
        if sign_up is None or any(sign_up.number == known.number for known, _ in self.sign_ups.values()):
            return
        environment = self.environment(move.environment)
        submission = submission_of(sign_up, self.plan.vendor, self.clock.now)
        self.sign_ups[submission.id] = (sign_up, submission)
        form = self.forms.get(submission.form)
        frame, started = self.frames[-1], self.clock.now
        try:
            environment.submit.send(form, submission, Deadline.after(SUBMIT_SECONDS, self.clock))
        except Refusal:
            return
        self.promises.on_acknowledged(submission.id, self.clock.now - started - frame.stolen)

    def _retry(self, move: Move) -> None:
        messages = self.queues.receivable(duplicate=move.duplicate)
        if messages:
            first = move.pick % len(messages)
            self.consume([*messages, *messages][first : first + min(move.size, len(messages))], move.environment)

    def consume(self, batch: list[Held], number: int) -> None:
        """Hand messages to the retry function, as its event source does, and delete those that it does not name."""
        environment, frame = self.environment(number), self.frames[-1]
        for held in batch:
            self.queues.receive(held)
            self.tell(f"message {held.number} is handed out", None)
        context: Any = _Context(self.clock)
        answer = consume_all(environment.consumer, {"Records": [_record(held) for held in batch]}, context, AtOnce())
        if environment.is_dead:
            raise Crash
        named = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        self.promises.on_batch(batch, named, frame.outcomes)
        for held in batch:
            held.deleted |= str(held.number) not in named

    def _rotate(self, move: Move) -> None:
        self.accounts.rotate()
        self.promises.holds.clear()
        self.secrets |= self.accounts.secrets()

    def _break(self, move: Move) -> None:
        self.accounts.rotate()

    def _repair(self, move: Move) -> None:
        self.promises.holds.clear()
        self.secrets |= self.accounts.secrets()

    def _repoint(self, move: Move) -> None:
        self.promises.settle()
        self.promises.holds.clear()
        self.accounts.repoint()
        self.secrets |= self.accounts.secrets()

    def _erase(self, move: Move) -> None:
        """Person 0 asks to be forgotten: the mark that an operator's command leaves."""
        hasher = self.environment(move.environment).hasher
        items = self.table.items
        hashed = hasher.of_address(email_of(0))
        items[erasures.key(hashed)] = {"id": erasures.key(hashed), "erased_at": int(self.clock.now * 1000)}
        self.promises.erased_at = self.clock.now

    def _edit(self, move: Move) -> None:
        """Somebody at the vendor gives the contact of person 0 another address: it is somebody else now."""
        self.promises.settle()
        # What it held of newer sign-ups is gone with it, and older ones that wait will not repeat it.
        self.promises.safety.settled |= {one for one, (sign_up, _) in self.sign_ups.items() if sign_up.person == 0}
        self.accounts.edit_identities(f"moved{next(self.numbers)}")

    def drain(self) -> None:
        """Nothing goes wrong any more: let the queue empty itself."""
        self.decider, self.well_since = None, self.clock.now
        if not self.plan.credentials_stay_broken:
            self._repair(Move("repair"))
        self._empty_queue()
        if not self.plan.credentials_stay_broken:
            for number, destination in enumerate(self.promises.circuits.not_closed()):
                # Nothing waits, so only a visitor can find out that the vendor works again.
                last = SignUp(LAST_SIGN_UP + number, person=3, form=destination[-1], phone=0)
                self.make(Move("sign-up", LONGEST_PAUSE_SECONDS, sign_up=last))
            self._empty_queue()
        self.promises.at_rest()

    def _empty_queue(self) -> None:
        for _ in range(MOST_RECEIVES * len(self.queues.retry)):
            waiting = self.queues.waiting()
            if not waiting or self.promises.broken:
                break
            held = min(waiting, key=lambda each: each.visible_at)
            self.clock.advance(held.visible_at - self.clock.now)
            receivable = self.queues.receivable(duplicate=False)
            first = receivable.index(held) if held in receivable else 0
            self.make(Move("retry", pick=first, size=self.plan.batch_size))

    def tell(self, prefix: str, event: Move | Fault | None) -> None:
        if self.story is not None:
            from tests.simulate.story import told  # only where somebody reads

            self.story("  " * len(self.frames) + prefix + told(event, self.plan.vendor))


def _record(held: Held) -> dict[str, Any]:
    return {
        "messageId": str(held.number),
        "receiptHandle": str(held.number),
        "body": held.body,
        "eventSource": "aws:sqs",
        "attributes": {
            "ApproximateReceiveCount": str(held.receives),
            "SentTimestamp": str(int(held.sent_at * 1000)),
        },
    }
