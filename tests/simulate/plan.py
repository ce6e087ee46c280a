"""A schedule as data: what happens in which order, and what goes wrong at which call; so that it can be replayed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MoveKind = Literal["sign-up", "retry", "rotate", "break", "repair", "repoint", "erase", "edit"]


@dataclass(frozen=True)
class SignUp:
    """What a visitor says. `number` tells sign-ups apart, and their values too."""

    number: int
    person: int = 0
    form: str = "a"
    has_name: bool = True
    bad_name: bool = False
    """A name with a symbol, which eSputnik refuses, or with markup, which a firewall refuses."""
    has_size: bool = False
    phone: int | None = None
    email_consent: bool = False
    sms_consent: bool = False


@dataclass
class Fault:
    """What goes wrong at one call: `kind` is explained in `faults.py`."""

    kind: str
    seconds: float = 0.0
    moves: list[Move] = field(default_factory=list)
    """What happens in between, while the call has not been made yet."""


@dataclass
class Move:
    """One thing that happens in the world, `wait` seconds after the last.

    Attributes:
        environment: which Lambda environment works.
        pick: which message of the queue, counted among those that may be handed out.
        size: how many messages are handed out at once.
        duplicate: whether the queue hands out a message that it need not hand out any more.
        faults: number of the call within this move → what goes wrong there.
    """

    kind: MoveKind
    wait: float = 0.0
    environment: int = 0
    sign_up: SignUp | None = None
    pick: int = 0
    size: int = 1
    duplicate: bool = False
    faults: dict[int, Fault] = field(default_factory=dict)


@dataclass
class Plan:
    """A whole schedule.

    Attributes:
        vendor: whose forms people fill in.
        skews: how far each environment's clock is off, in seconds.
        search_lag: how long the vendor's search hides what was written, in seconds.
        strict_minute: whether eSputnik answers 409 to any second request for a contact within a minute.
        is_known: the vendor knows person 0 already.
        credentials_stay_broken: nobody repairs the credentials at the end.
        batch_size: how many messages the queue hands out at once at the end.
    """

    vendor: str
    skews: tuple[float, ...] = (0.0, 0.0, 0.0)
    search_lag: float = 0.0
    strict_minute: bool = False
    is_known: bool = False
    credentials_stay_broken: bool = False
    batch_size: int = 1
    moves: list[Move] = field(default_factory=list)
