"""One accepted sign-up: what the visitor said, when, and what they consented to."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from shared.conditions import Answer
from shared.contact import Channel, Contact, Value


class Stamp(NamedTuple):
    """The order of sign-ups: the gateway's request time in milliseconds, ties broken by the submission's id."""

    received_at: int
    submission_id: str

    def __str__(self) -> str:
        """Return a text whose lexical order is the stamps' order."""
        return f"{self.received_at:015d}#{self.submission_id}"


class Grant(BaseModel):
    """One ticked consent box: the channels that it grants, and what its page showed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    channels: tuple[Channel, ...]
    field: str
    statement: str
    version: str
    shown: Literal["same", "different", "unknown"] = "unknown"
    """Whether the page showed the statement, as the visitor's browser claims."""
    text: str | None = None
    """What the page showed instead; None where it showed the statement, or where nothing is known."""
    pre_ticked: bool | None = Field(default=None, serialization_alias="preTicked")
    """Whether the page had ticked the box beforehand; None where the browser does not say."""
    visible: bool | None = None
    """Whether box and statement could be seen; None where the browser does not say."""


class ConsentReceipt(BaseModel):
    """Proof of what one submission granted: what was agreed to, where, and when."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    given_at: str
    """ISO 8601, UTC, milliseconds."""
    page: str | None = None
    """The page's URL without its query, from `Referer`."""
    caller: str | None = None
    """Keyed hash of the caller's IP address."""
    privacy: dict[str, str] = Field(default_factory=dict)
    """The form's `[privacy]` as it was then."""
    grants: tuple[Grant, ...]


class Submission(BaseModel):
    """A sign-up as it travels to every destination, in this process or through the queue."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    form: str
    received_at: int
    """The gateway's request time, milliseconds since the epoch."""
    contact: Contact
    custom: dict[str, Value] = Field(default_factory=dict)
    """Values of form fields that a destination may map to a custom field, by form field name."""
    receipt: ConsentReceipt | None = None
    """What was granted; None where nothing was."""
    answers: dict[str, Answer] = Field(default_factory=dict)
    """The typed values on which conditions (`when`) are decided, by form field name."""
    flags: tuple[str, ...] = ()
    """Doubts of the screening that did not stop it, e.g. `captcha-unverified`."""

    def __repr__(self) -> str:
        """Name the sign-up, never the person."""
        return f"Submission({self.id}, form={self.form})"

    __str__ = __repr__

    @property
    def stamp(self) -> Stamp:
        """Where this sign-up stands in the order of sign-ups."""
        return Stamp(self.received_at, self.id)

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels for which consent was given on this form."""
        return frozenset(
            channel for grant in (self.receipt.grants if self.receipt else ()) for channel in grant.channels
        )
