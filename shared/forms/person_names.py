"""Names of people: bots fill them with links and markup, which vendors then print into e-mails."""

from __future__ import annotations

import re

NAME_ATTRIBUTES = frozenset({"salutation", "first_name", "middle_name", "last_name", "credentials"})
_MARKUP = re.compile(r"[<>]|&(#\w+|lt|gt);|\{\{|\{%|\]\(|\[/?(url|img|b|i)\b", re.IGNORECASE)
_LINK = re.compile(
    r"://"
    r"|\b(https?|ftp|mailto|javascript|data):"
    r"|\bwww\."
    r"|\w@\w"
    # Academic titles are written like "B.Com", so that a domain needs three characters before its last dot.
    r"|[\w-]{3,}\.(com|net|org|info|biz|xyz|top|click|link|online|site|shop|live|icu|ru|cn|io|ly|me|gl|app)\b"
    r"|\bt\.(co|me)/",
    re.IGNORECASE,
)


def is_name_attribute(attribute: str | None) -> bool:
    """Whether this contact attribute is part of a person's name."""
    return attribute in NAME_ATTRIBUTES


def is_a_name(text: str) -> bool:
    """Whether the text can be a name: no link, no address, no markup of web pages, forums or templates."""
    return _MARKUP.search(text) is None and _LINK.search(text) is None
