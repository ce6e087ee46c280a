"""The promises as invariants: what is judged at every change, after every move, and when all is at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.delivery.outcome import Attempt
from shared.http.call import Call
from tests.simulate.accounts import account_in
from tests.simulate.circuits import CircuitRules
from tests.simulate.manners import Manners
from tests.simulate.overheard import FORBIDDEN, OVERHEARD
from tests.simulate.people import email_of, stated
from tests.simulate.plan import SignUp
from tests.simulate.promise_list import MOST_EVENTS
from tests.simulate.queue import Held
from tests.simulate.safety import Safety, id_of
from tests.simulate.vendor import Account, Contact, Event, Value, Work

if TYPE_CHECKING:
    from tests.simulate.environment import Environment
    from tests.simulate.world import World


@dataclass(frozen=True)
class Broken:
    """A promise that was not kept: its id in `promise_list.PROMISES`, and what happened."""

    id: str
    text: str


class Promises:
    """Watches one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.vendor = world.plan.vendor
        self.broken: list[Broken] = []
        self.checks = 0
        self.troubles: Counter[int] = Counter()
        """What went wrong in deliveries of a sign-up, by its number."""
        self.delivered: set[int] = set()
        """Numbers of the sign-ups that a vendor has confirmed."""
        self.newest_delivered: dict[tuple[str, int, str], str] = {}
        """Account, person and form → stamp."""
        self._accounts: dict[str, str] = {}
        """Destination → the account that it asked last."""
        self.erased_at = float("-inf")
        self.safety, self.manners, self.circuits = Safety(self), Manners(self), CircuitRules(self)
        self.holds = self.manners.holds

    def check(self, promise: str, kept: bool, text: str) -> None:
        self.checks += 1
        if not kept:
            self.broken.append(Broken(promise, text))

    def person_of(self, sign_up: SignUp) -> str:
        """Return what the vendor finds the person of a sign-up by."""
        account = self.world.accounts.all["one"]
        says = stated(sign_up, self.vendor)
        return account.identity_of(email_of(sign_up.person), str(says.get("phone", "")))

    # At every change that a vendor makes.

    def on_write(self, account: Account, work: Work, contact: Contact, *, is_new: bool) -> None:
        identity = self.person_of(work.sign_up)
        submission = self.world.sign_ups[f"s{work.sign_up.number:03}"][1]
        has_receipt = submission.receipt is None or f"consent#{submission.id}" in self.world.table.items
        self.check("P1c", has_receipt, f"{_name(work)} is written, and its consent receipt is not in the ledger")
        if is_new:
            known = account.with_identity(contact.identity)
            self.check("P2a", known is None, f"{_name(work)} makes a second contact of one person")
        elif contact.edited_at >= work.at:
            self.safety.settled.add(submission.id)
            return
        self.check("P5a", contact.identity == identity, f"{_name(work)} is written into another person's contact")

    def on_change(self, account: Account, work: Work, contact: Contact, name: str, new: Value | None) -> None:
        says = stated(work.sign_up, self.vendor)
        spoken = account.spoken(work.sign_up, says)
        writer = contact.writers.get(name)
        is_newer = writer is None or writer.stamp <= work.stamp
        is_unconfirmed = writer is not None and writer.sign_up.number not in self.delivered
        if account.replaces_unconfirmed and is_unconfirmed:
            return  # its own retry writes it again
        if name.startswith(("flag.", "sms.", "call.", "News")):
            self.check("P4b", new is not None, f"{_name(work)} turns {name} off")
            self.check("P4a", name in spoken, f"{_name(work)} turns {name} on without consent")
        if new is None or name not in spoken:
            by = _name(writer) if writer else "nobody here"
            unstated = account.is_unstated(contact, name, new)
            self.check("P4c", unstated and writer is None, f"{_name(work)} changes {name}, written by {by}, unasked")
        self.check("P3b", is_newer, f"{_name(work)} overwrites {name} of {_name(writer) if writer else ''}")
        if name == "NewsText" and "phone" in says:
            same = contact.fields.get("Phone") == spoken["Phone"]
            self.check("P4d", same, f"{_name(work)} grants texts to a number that a newer sign-up has replaced")

    def on_event(self, account: Account, event: Event) -> None:
        work = event.work
        number, form = work.sign_up.number, (account.name, work.sign_up.person, work.sign_up.form)
        if event.name != "form_action":
            newest = self.newest_delivered.get(form, "")
            self.check("P3d", newest <= work.stamp, f"{_name(work)} fires its form's event after a newer one did")
        fired = 1 + sum(each.work.sign_up.number == number for each in account.events)
        most = min(1 + self.troubles[number], MOST_EVENTS[self.vendor])
        self.check("P2b", fired <= most, f"{_name(work)} fires its event {fired} times, troubled {most - 1} times")

    # What environments tell.

    def on_fault(self, environment: Environment) -> None:
        for work in environment.works[-1:]:
            self.troubles[work.sign_up.number] += 1

    def on_request(self, work: Work, call: Call) -> None:
        submission = self.world.sign_ups[f"s{work.sign_up.number:03}"][1]
        self._accounts[work.destination] = account_in(call)
        handed_at = float("-inf") if work.handed_at is None else work.handed_at
        is_erased = work.sign_up.person == 0 and submission.received_at / 1000 <= self.erased_at < handed_at
        self.check("P5b", not is_erased, f"{_name(work)} is delivered after its erasure")
        self.manners.on_request(work, call)
        self.circuits.on_request(work)

    def on_refusal(self, work: Work, status: int, seconds: float) -> None:
        self.manners.on_refusal(work, status, seconds)

    def on_attempt(self, work: Work, attempt: Attempt) -> None:
        said = attempt.cause or ""
        self.check("P9a", not FORBIDDEN.search(said), f"{_name(work)} ends with an error that says: {said}")
        self.check("P8a", attempt.outcome.reason != "defect", f"{_name(work)} meets a defect: {attempt.cause}")
        if attempt.outcome.kind == "delivered" and work.destination in self._accounts:
            self.delivered.add(work.sign_up.number)
            form = (self._accounts[work.destination], work.sign_up.person, work.sign_up.form)
            self.newest_delivered[form] = max(work.stamp, self.newest_delivered.get(form, ""))
        self.manners.on_attempt(work, attempt)
        self.circuits.on_attempt(work, attempt)

    def on_batch(
        self, batch: Sequence[Held], named: Collection[object], outcomes: Mapping[tuple[str, str], str]
    ) -> None:
        """A batch was worked off, and its answer names the messages that stay."""
        dead = {(id_of(letter), letter.attributes["destination"]) for letter in self.world.queues.dead}
        for held in batch:
            submission = self.world.sign_ups[id_of(held)][1]
            destination = held.body.partition('"destination":"')[2].partition('"')[0]
            kind = outcomes.get((str(submission.stamp), destination))
            is_named = str(held.number) in named
            has_ended = kind in ("delivered", "superseded", "skipped")
            self.check("P7e", not (has_ended and is_named), f"message {held.number} has ended and comes back")
            is_lost = kind in ("queued", "held", "parked") and not is_named and (submission.id, destination) not in dead
            self.check("P7e", not is_lost, f"message {held.number} waits and is deleted")

    def on_acknowledged(self, submission_id: str, seconds: float) -> None:
        self.safety.acknowledged.add(submission_id)
        self.check("P6a", seconds <= 14.0, f"{submission_id} waited {seconds:.1f} s for its answer")

    def settle(self) -> None:
        """The vendor's contacts are about to change by themselves: what is delivered is delivered."""
        self.safety.settle()

    def after_move(self) -> None:
        self.safety.after_move()
        self.manners.after_move()

    def after_all(self) -> None:
        """Whatever happened, nobody's data is in what was written about it."""
        heard = OVERHEARD.taken()
        self.check("P9a", not heard, f"written to a log: {heard[:1]}")
        known = [key for key in self.world.table.items if FORBIDDEN.search(key)]
        self.check("P9b", not known, f"a key of the ledger: {known[:1]}")

    def at_rest(self) -> None:
        if not self.broken:
            waiting = len(self.world.queues.waiting())
            self.check("P7a", waiting == 0, f"{waiting} messages never leave the queue")
            self.safety.at_rest()
            if not self.world.plan.credentials_stay_broken:
                self.circuits.at_rest()


def _name(work: Work) -> str:
    return f"sign-up {work.sign_up.number}"
