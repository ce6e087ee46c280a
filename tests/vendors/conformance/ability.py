"""What not every vendor can do. A class says why its vendor cannot, and is not asked to prove it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Ability(enum.Enum):
    """Something that a vendor's calls may not allow."""

    READ = "a delivery reads something before it writes"
    SEARCH = "a delivery looks the person up and sees what the vendor holds"
    ADOPT = "a delivery writes to a contact that was made elsewhere"
    CONSENT = "a contact has a place for at least one consent"
    CONFIRM = "the answer to a write says which contact was written, so that no doubt remains"
    PROBE = "a documented call tries the credentials and writes nothing"


def needs(*abilities: Ability) -> Callable[[F], F]:
    """Let a test hold only for vendors with these abilities."""

    def mark(test: F) -> F:
        test.needs = frozenset(abilities)  # type: ignore[attr-defined]
        return test

    return mark
