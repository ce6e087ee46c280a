"""A schedule told in plain English."""

from __future__ import annotations

from tests.simulate.faults import WORDS
from tests.simulate.people import stated
from tests.simulate.plan import Fault, Move

_MOVES = {
    "rotate": "the credentials are changed at the vendor and in the secret",
    "break": "the credentials are changed at the vendor only",
    "repair": "the secret gets the right credentials",
    "repoint": "the secret is pointed at another account",
    "erase": "person 0 asks to be forgotten",
    "edit": "somebody at the vendor gives the contact of person 0 another address",
}


def told(event: Move | Fault | None, vendor: str) -> str:
    """Return one line about what happens."""
    if event is None:
        return ""
    if isinstance(event, Fault):
        seconds = f" ({event.seconds:g} s)" if event.seconds else ""
        return f"{WORDS.get(event.kind, event.kind)}{seconds}"
    where = f"environment {event.environment}"
    if event.kind == "retry":
        again = "once more, though it need not, " if event.duplicate else ""
        return f"the queue hands a message {again}to {where}"
    if event.kind == "sign-up" and event.sign_up is not None:
        up = event.sign_up
        says = ", ".join(f"{name} {value}" for name, value in stated(up, vendor).items())
        return f"person {up.person} fills in form {up.form} (sign-up {up.number}: {says}), served by {where}"
    return _MOVES[event.kind]
