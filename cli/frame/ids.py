"""Ids that a person types: whole, or only how one begins, as git takes it, where nothing is lost by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from shared.errors import ConfigurationError

ID_DIGITS = 32
"""Of a submission id: a UUID in hexadecimal, without its hyphens. A message id has them."""

LEAST_DIGITS = 4
"""With which the beginning of an id is taken for one."""

WHOLE = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}")
"""A submission id, as the submit function makes it."""


def whole_id(given: str) -> str:
    """Return an id as it was given, unless it is only the beginning of one: for what deletes or filters.

    Raises:
        ConfigurationError: fewer digits were given than an id has.
    """
    beginning = given.strip()
    if _is_beginning(beginning):
        whole = f"the whole id, {ID_DIGITS} digits; relay trace {beginning} tells it"
        raise ConfigurationError(f"{beginning}: give {whole}")
    return given


def completed(given: str, candidates: Callable[[], Iterable[str]], listing: str) -> str:
    """Return the one id that begins as was given; what was given where it is whole, or where none does.

    Args:
        given: what was typed.
        candidates: returns the ids that may be meant; only asked where it matters.
        listing: command that shows them.

    Raises:
        ConfigurationError: several begin so, or too few digits were given to tell.
    """
    if not _is_beginning(given.strip()):
        return given
    if len(given.strip()) < LEAST_DIGITS:
        raise ConfigurationError(f"{given.strip()}: give {LEAST_DIGITS} digits of the id at least")
    found = beginning_so(given, candidates())
    if len(found) > 1:
        raise ConfigurationError(f"{given.strip()}: {len(found)} ids begin so; relay {listing} shows them")
    return found[0] if found else given


def beginning_so(given: str, candidates: Iterable[str]) -> list[str]:
    """Return the ids that begin as was given, each once."""
    return sorted({each for each in candidates if each.startswith(given.strip().lower())})


def _is_beginning(given: str) -> bool:
    return re.fullmatch(r"[0-9a-f-]+", given.lower()) is not None and len(given.replace("-", "")) < ID_DIGITS
