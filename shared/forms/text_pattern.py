r"""`pattern` of a text field: regular expressions that no submitted text can make slow.

Python tries one alternative after another, which can take hours on a short text. So only a subset is accepted, the same
in Python and JavaScript: literals, `.`, `\d \w \s` (and `\D \W \S`), `[…]`, groups, `|`, and the quantifiers
`? * + {n} {n,} {n,m}`. When the form loads, the ways to try a text of `max_length` characters are counted; a pattern
with more than `MOST_WAYS` is refused, which includes most quantifiers within quantifiers.
"""

from __future__ import annotations

import re

MOST_WAYS = 250_000
"""So many tries take about 10 ms."""

_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_QUANTIFIER = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}|[?*+]")
_ESCAPE = re.compile(r"\\(?:[dDwWsS]|[^A-Za-z0-9])")


class UnusablePattern(ValueError):
    """The pattern is no regular expression, uses more than the subset, or could be slow."""


def check_pattern(pattern: str, max_length: int) -> None:
    """Refuse what is not in the subset or could be slow on a text of `max_length` characters.

    Raises:
        UnusablePattern: says what is wrong.
    """
    try:
        re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise UnusablePattern("is not a regular expression") from None
    if _Counter(pattern, max_length).ways() > MOST_WAYS:
        raise UnusablePattern("could take too long; use fewer * + ? | {n,m}, none in another, or lower max_length")


def pattern_matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches."""
    return re.fullmatch(pattern, text, re.ASCII) is not None


class _Counter:
    """Counts the ways in which a text can be tried; a recursive descent through the pattern."""

    def __init__(self, pattern: str, max_length: int) -> None:
        self._pattern = pattern
        self._at = 0
        self._longest = max_length

    def ways(self) -> int:
        ways = self._alternatives()
        if self._at < len(self._pattern):
            raise UnusablePattern("is not a regular expression")
        return ways

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._take("|"):
            ways = _capped(ways + self._sequence())
        return ways

    def _sequence(self) -> int:
        ways = 1
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            ways = _capped(ways * self._repeated())
        return ways

    def _repeated(self) -> int:
        once = self._one()
        found = _QUANTIFIER.match(self._pattern, self._at)
        if found is None:
            return once
        self._at = found.end()
        if self._pattern[self._at : self._at + 1] in {"?", "+", "*", "{"}:
            raise UnusablePattern("must not have one quantifier right after another")
        least, most = _bounds(found, self._longest)
        return _repetitions(once, least, most)

    def _one(self) -> int:
        """Return the ways of one literal, class or group."""
        if self._take("("):
            if self._take("?") and not self._take(":"):
                raise UnusablePattern("may have no other groups than ( ) and (?: )")
            ways = self._alternatives()
            self._take(")")
            return ways
        for token in (_CLASS, _ESCAPE):
            if found := token.match(self._pattern, self._at):
                self._at = found.end()
                return 1
        if self._pattern[self._at] == "\\":
            raise UnusablePattern(r"may have no other escapes than \d \w \s \D \W \S and \ before a mark")
        if self._pattern[self._at] in "^$":
            raise UnusablePattern("must match the whole text anyway: leave ^ and $ out")
        self._at += 1
        return 1

    def _take(self, text: str) -> bool:
        taken = self._pattern.startswith(text, self._at)
        self._at += len(text) if taken else 0
        return taken


def _bounds(quantifier: re.Match[str], longest: int) -> tuple[int, int]:
    match quantifier.group():
        case "?":
            return 0, 1
        case "*":
            return 0, longest
        case "+":
            return 1, longest
    least, comma, most = quantifier.groups()
    if not comma:
        return int(least), int(least)
    return int(least), min(int(most), longest) if most else longest


def _repetitions(once: int, least: int, most: int) -> int:
    if once == 1:
        return max(most - least + 1, 1)
    # An inner choice is made again in every repetition, so that its ways multiply.
    ways = 0
    for count in range(least, max(least, most) + 1):
        ways = _capped(ways + _capped_power(once, count))
        if ways > MOST_WAYS:
            break
    return ways


def _capped_power(base: int, exponent: int) -> int:
    ways = 1
    for _ in range(exponent):
        ways = _capped(ways * base)
        if ways > MOST_WAYS:
            break
    return ways


def _capped(ways: int) -> int:
    return min(ways, MOST_WAYS + 1)
