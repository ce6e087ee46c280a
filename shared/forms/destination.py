"""`[[destinations]]` of a form file: where sign-ups go, which of them, and how fast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.conditions import Condition, Conditional
from shared.contact import Channel
from shared.forms.key_types import RateLimit
from shared.submission import Submission
from shared.vendors.protocol import ActionSpec, Options

WriteMode = Literal["overwrite", "fill"]
SkipReason = Literal["condition", "no-identity"]
"""The sign-up does not match the destination's `when`; or it has nothing that the vendor knows people by."""


class DestinationTerms(Conditional):
    """The keys of `[[destinations]]` that say which sign-ups it gets, how they are written, and how fast."""

    write: WriteMode | dict[str, WriteMode] = "overwrite"
    """What the sign-up says replaces what the contact holds; "fill": only where it holds nothing. Or by form field."""
    rate_limit: RateLimit = "off"
    """Deliveries that the connection bears, like "60/minute"; what is over it waits in the queue."""


class Destination(DestinationTerms):
    """One `[[destinations]]`, with its options already read by the vendor's own model."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    spec: ActionSpec
    options: Options
    custom_fields: dict[str, str | int]
    filled: frozenset[str] = frozenset()
    """The vendor's fields, by `Options.target_field`, that are written only where the contact holds nothing."""
    asked: frozenset[Channel] = frozenset()
    """Channels for which the form has a consent field."""

    def wants(self, submission: Submission) -> bool:
        """Whether the sign-up matches the destination's condition."""
        return self.applies(submission.answers)


def skip_reason(destination: Destination, submission: Submission) -> SkipReason | None:
    """Return why a sign-up is not delivered to a destination, or None where it is."""
    if not destination.wants(submission):
        return "condition"
    return None if destination.options.identity(submission.contact) else "no-identity"


def conditions_in(value: object, key: str = "") -> Iterator[tuple[str, Condition]]:
    """Return every condition in a destination or its options, with the key of the table that has it."""
    if isinstance(value, Conditional) and value.when is not None:
        yield key, value.when
    if isinstance(value, BaseModel):
        for name, inner in value:
            yield from conditions_in(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, tuple):
        for number, entry in enumerate(value, start=1):
            yield from conditions_in(entry, f"{key} #{number}")
