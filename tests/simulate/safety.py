"""Promises 1 and 3 at rest: where every acknowledged sign-up is, and what of it has arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.submission import Submission
from tests.simulate.people import stated
from tests.simulate.plan import SignUp
from tests.simulate.promise_list import EVENTS_OWED
from tests.simulate.queue import Held
from tests.simulate.vendor import Account, Contact, Value

if TYPE_CHECKING:
    from tests.simulate.promises import Promises

_NUMBERS = ("phone.", "sms.", "call.", "Phone", "NewsText")
"""Fields that go with a number: what an older sign-up says of its own number need not arrive."""


class Safety:
    """Follows acknowledged sign-ups."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises
        self._world = promises.world
        self.acknowledged: set[str] = set()
        self.settled: set[str] = set()
        """Those whose contact has been changed or left by others since they were delivered."""

    def settle(self) -> None:
        """Everything that has arrived by now is done with."""
        self.settled |= {one for one in self._world.sign_ups if not self._missing(one)}

    def after_move(self) -> None:
        kept = self._in_queues()
        for submission_id in self.acknowledged - self.settled - kept:
            self._judge(submission_id)

    def at_rest(self) -> None:
        dead = {id_of(letter) for letter in self._world.queues.dead}
        owed = EVENTS_OWED.get(self._promises.vendor, "")
        for submission_id in self.acknowledged - dead:
            sign_up, submission = self._world.sign_ups[submission_id]
            if sign_up.form in owed and not self._is_erased(sign_up) and self._must_fire(sign_up, submission):
                events = [each for account in self._world.accounts.all.values() for each in account.events]
                fired = any(each.work.sign_up.number == sign_up.number for each in events)
                self._promises.check("P3c", fired, f"sign-up {sign_up.number} never fires its event")

    def _must_fire(self, sign_up: SignUp, submission: Submission) -> bool:
        if self._promises.vendor == "pulse":
            return True
        return not any(
            (other.person, other.form) == (sign_up.person, sign_up.form) and later.stamp > submission.stamp
            for other, later in self._world.sign_ups.values()
        )

    def _judge(self, submission_id: str) -> None:
        sign_up, _ = self._world.sign_ups[submission_id]
        missing = [] if self._is_erased(sign_up) else self._missing(submission_id)
        promise = missing[0][0] if missing else "P1a"
        names = ", ".join(name for _, name in missing)
        self._promises.check(promise, not missing, f"sign-up {sign_up.number} is acknowledged and lost: {names}")

    def _is_erased(self, sign_up: SignUp) -> bool:
        return sign_up.person == 0 and self._promises.erased_at > float("-inf")

    def _in_queues(self) -> set[str]:
        queues = self._world.queues
        return {id_of(held) for held in (*queues.waiting(), *queues.dead)}

    def _missing(self, submission_id: str) -> list[tuple[str, str]]:
        """Return what a sign-up states that no account shows, with the promise that this breaks."""
        sign_up, submission = self._world.sign_ups[submission_id]
        says = stated(sign_up, self._promises.vendor)
        found: list[tuple[str, str]] = []
        for account in self._world.accounts.all.values():
            contact = account.with_identity(self._promises.person_of(sign_up))
            if contact is not None:
                found = self._missing_at(account, contact, sign_up, submission, says)
                if not found:
                    return []
        return found or [("P1a", "everything")]

    def _missing_at(
        self, account: Account, contact: Contact, sign_up: SignUp, submission: Submission, says: dict[str, Value]
    ) -> list[tuple[str, str]]:
        missing = []
        for name, value in account.spoken(sign_up, says).items():
            writer = contact.writers.get(name)
            if contact.fields.get(name) == value or (writer and writer.stamp > str(submission.stamp)):
                continue
            if name.startswith(_NUMBERS) and self._has_newer_number(sign_up, submission):
                continue
            if self._is_newer_under_way(account, name, sign_up, submission):
                continue
            missing.append(("P1b" if name not in contact.fields else "P3a", name))
        return missing

    def _is_newer_under_way(self, account: Account, name: str, sign_up: SignUp, submission: Submission) -> bool:
        """Whether a newer sign-up that states this may have been written: then an older one leaves it alone."""
        arrived = self.acknowledged - self._in_queues()
        for other, later in self._world.sign_ups.values():
            says = stated(other, self._promises.vendor)
            is_newer = later.stamp > submission.stamp and other.person == sign_up.person
            is_troubled = self._promises.troubles[other.number] > 0
            may_be_written = is_newer and name in account.claimed(other, says, is_troubled=is_troubled)
            if may_be_written and (later.id not in arrived or name not in account.spoken(other, says)):
                return True
        return False

    def _has_newer_number(self, sign_up: SignUp, submission: Submission) -> bool:
        return any(
            other.person == sign_up.person and later.contact.phone and later.stamp > submission.stamp
            for other, later in self._world.sign_ups.values()
        )


def id_of(held: Held) -> str:
    _, _, rest = held.body.partition('"submission":{"id":"')
    return rest[:4]
