"""What the story is made of. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field

ENDED = frozenset({"delivered", "skipped", "superseded"})
"""Outcomes after which nothing more happens to a delivery; a parked one waits for a person."""


@dataclass(frozen=True)
class Step:
    """One attempt at a delivery, or what a person did about it (`replayed`)."""

    at: float
    outcome: str
    reason: str = ""
    error: str = ""


@dataclass(frozen=True)
class VendorCall:
    """One call to a vendor; no status where no answer came."""

    at: float
    vendor: str
    operation: str
    status: int | None
    milliseconds: int


@dataclass(frozen=True)
class Answer:
    """What the visitor was told, and when."""

    at: float
    status: int
    seconds: float


@dataclass
class SignUp:
    """One submission."""

    id: str
    received_at: float
    form: str = ""
    """Empty until the submission is accepted or quarantined."""
    ended_at: float | None = None
    """When the function was done with the request."""
    status: str = ""
    """`delivered`, `accepted` or `quarantined`."""
    reason: str = ""
    """Why it is in quarantine."""
    deliveries: dict[str, list[Step]] = field(default_factory=dict)
    """Destination → steps, in their order."""
    calls: list[VendorCall] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """One for each request that was answered with this submission's id: a double click makes two."""

    @property
    def screened_at(self) -> float | None:
        """When it was through the screening, at the latest; None until something tells."""
        begun = [call.at - call.milliseconds / 1000 for call in self.calls]
        told = [step.at for steps in self.deliveries.values() for step in steps]
        ended = [self.ended_at] if self.ended_at is not None else []
        return min([*begun, *told, *ended], default=None)

    def state_of(self, destination: str) -> str:
        """Return the latest outcome of a delivery; without one it is queued, or under way."""
        steps = self.deliveries.get(destination)
        if steps:
            return steps[-1].outcome
        return "queued" if self.ended_at is not None else "under way"


@dataclass(frozen=True)
class Note:
    """Something else that happened: a circuit opened, a sign-up was refused, a button was pressed."""

    at: float
    text: str
    about: str = ""
    """What it is about: a destination, a form or a vendor."""
    good: bool | None = None
    """Whether it is good news; None for neither."""
