"""What may be kept of a vendor's answer: its beginning, without the values that were sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from shared.http.call import Call

KEPT_CHARACTERS = 500
READ_BYTES = 16 * 1024
"""How much of an answer is looked at."""
MASK = "***"


def shortened_answer(call: Call, content: bytes) -> str | None:
    """Return the beginning of an answer with every value of the request masked; None where there was no answer."""
    text = content[:READ_BYTES].decode(errors="replace").strip()
    return masked(text, _sent_texts(call))[:KEPT_CHARACTERS] or None


def masked(text: str, values: Iterable[str]) -> str:
    """Return `text` with every one of `values` masked, however it is escaped; one or two characters as a word only."""
    spellings = {spelling for value in values if value.strip() for spelling in _spellings(value.strip())}
    if not spellings:
        return text
    patterns = (_pattern(each) for each in sorted(spellings, key=len, reverse=True))
    return re.sub("|".join(patterns), MASK, text, flags=re.IGNORECASE)


def _pattern(spelling: str) -> str:
    escaped = re.escape(spelling)
    return escaped if len(spelling) > 2 else rf"(?<!\w){escaped}(?!\w)"


def _spellings(value: str) -> set[str]:
    return {value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value)}


def _sent_texts(call: Call) -> Iterator[str]:
    for name, value in call.headers.items():
        if name.lower() not in {"accept", "content-type"}:
            yield value
            yield from value.split(" ")[1:]  # a token without its scheme
    yield from (value for _, value in call.query)
    yield from (call.form or {}).values()
    yield from _texts(call.body)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
