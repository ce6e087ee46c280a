"""One call to a vendor and its answer."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Query = Sequence[tuple[str, str]]


class Effect(enum.Enum):
    """What a call does to the vendor's data, and so what a lost answer means."""

    READ = "read"
    WRITE = "write"
    """Without the vendor's own answer its outcome is unknown; whether it may be repeated is the action's to say."""


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words in which one vendor's 2xx speaks, beside those that `says_no` knows for every vendor.

    Attributes:
        ids: members that hold the id of the contact that was written.
        wrappers: members that hold the answer proper.
        failures: members that report a failure unless they are empty, zero or false.
    """

    ids: tuple[str, ...] = ("id",)
    wrappers: tuple[str, ...] = (
        *("data", "result", "results", "contact", "item", "items", "record", "records", "body", "response"),
    )
    failures: tuple[str, ...] = ()


COMMON_WORDS = AnswerWords()


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor. `operation` is its name in logs and errors."""

    vendor: str
    operation: str
    method: str
    url: str = field(repr=False)
    effect: Effect
    query: Query = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    """Sent as JSON; None sends no body."""
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Sent as `application/x-www-form-urlencoded`."""
    files: Mapping[str, tuple[str, bytes, str]] | None = field(default=None, repr=False)
    """Sent as `multipart/form-data`: name → (file name, content, media type)."""
    conflict: re.Pattern[str] | None = None
    """How this vendor's refusal (400, 422) says that the contact exists already: such an answer is a `Conflict`."""
    words: AnswerWords = COMMON_WORDS
    """How this vendor's 2xx says that the write failed, or which contact it wrote."""

    @property
    def writes(self) -> bool:
        """Whether the vendor's data may be different afterwards."""
        return self.effect is not Effect.READ


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx answer. `body` is the decoded JSON, or None where there was none."""

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    empty: bool = False
    """Whether there was no content at all."""
    is_json: bool = True
    """Whether the content was JSON; `null` is, and has no body either."""
