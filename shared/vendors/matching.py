"""Comparing what a vendor's search returned with what was looked for: searches are fuzzy, people are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from shared.errors import Ambiguous
from shared.telemetry import count, logger
from shared.vendors.payload import Row


def same_email(one: object, other: object) -> bool:
    """Whether two texts are the same e-mail address: padding and case do not count."""
    return isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other)


def digits(phone: object) -> str:
    """Return the digits of a phone number, which JSON may hold as a text or as a number."""
    is_number = isinstance(phone, str | int) and not isinstance(phone, bool)
    return re.sub(r"\D", "", str(phone)) if is_number else ""


def same_text(one: object, other: object) -> bool:
    """Whether two texts say the same: padding and case do not count, and an empty text is none."""
    return isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other) != ""


def fold(text: str) -> str:
    """Return a text as it is compared. Not `casefold()`: it would make one person of straße@ and strasse@."""
    return text.strip().lower()


def has_texts(wanted: Mapping[str, str | None]) -> Callable[[Row], bool]:
    """Return a check whether a contact has all these texts, by the vendor's names; without any text, none has."""
    given = {name: text for name, text in wanted.items() if text}
    return lambda contact: bool(given) and all(same_text(contact.get(name), text) for name, text in given.items())


def any_of_words(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for texts in which a word begins with one of these, in any case."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})", re.IGNORECASE)


def check_ids(vendor: str, exact: Sequence[Row], id_name: str = "id") -> None:
    """See that every match can be written to.

    Raises:
        Ambiguous: one has no id.
    """
    if any(contact.get(id_name) is None for contact in exact):
        raise Ambiguous(vendor, "find contact", detail=f"a match without an id: no member {id_name}")


def pick_match(vendor: str, exact: Sequence[Row], *signs: Callable[[Row], bool], id_name: str = "id") -> Row:
    """Return the one match that is this person.

    Args:
        vendor: for the log and the error.
        exact: contacts that match exactly, at least one.
        signs: checks that tell several apart, the surest first; one that no match passes is ignored.
        id_name: the vendor's member for a contact's id.

    Raises:
        Ambiguous: a match has no id, or several cannot be told apart: the mailbox or phone may be shared.
    """
    check_ids(vendor, exact, id_name)
    # A search may list a contact once for each of its addresses; nothing that it shows of it then differs in who it is.
    left = list({str(contact[id_name]): contact for contact in reversed(exact)}.values())[::-1]
    if len(left) > 1:
        logger.warning("several contacts for one person", vendor=vendor, contacts=len(left))
        count("DuplicateAtVendor", vendor=vendor)
    for sign in signs:
        left = [contact for contact in left if sign(contact)] or left
    if len(left) > 1:
        raise Ambiguous(vendor, "find contact", detail="several matches that cannot be told apart")
    return left[0]
