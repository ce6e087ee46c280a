"""Submitted text → one line of clean text. What cannot be cleaned without changing its meaning is refused."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = "\u200b\u2060\ufeff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_INVISIBLE_MARKS = re.compile(f"[{_INVISIBLE}]")
"""Zero-width characters and bidirectional controls, which come along when text is copied."""
_INVISIBLE_AT_THE_ENDS = re.compile(rf"^[{_INVISIBLE}\s]+|[{_INVISIBLE}\s]+$")
_JOINED_TO_A_LETTER = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Joiner and variation selectors: part of an emoji or a rare character in a text, of nothing in an address."""
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
"""Lone surrogates: one half of a character whose other half is lost."""
_COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
"""All but the CJK compatibility ideographs: NFC would replace those in people's names by other characters."""


class BrokenText(ValueError):
    """Part of a character is missing, so that nobody can know the text."""


def clean(text: str) -> str:
    """Return one line: Unicode NFC, control characters and line breaks as spaces, runs of spaces as one.

    Raises:
        BrokenText: the text holds half a character.
    """
    if _HALF_A_CHARACTER.search(text):
        raise BrokenText
    text = _INVISIBLE_MARKS.sub("", text)
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    text = re.sub(r" {2,}", " ", text).strip()
    return _COMPOSABLE.sub(lambda run: unicodedata.normalize("NFC", run.group()), text)


def has_invisible_marks_inside(text: str) -> bool:
    """Whether an invisible mark is between visible characters, where it makes another address or number."""
    inside = _INVISIBLE_AT_THE_ENDS.sub("", text)
    return (_INVISIBLE_MARKS.search(inside) or _JOINED_TO_A_LETTER.search(inside)) is not None
