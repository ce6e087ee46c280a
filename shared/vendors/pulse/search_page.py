"""One answer of Pulse's contact search. Its shape is not documented, so every plausible one is read (assumed)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.vendors.answer_path import read
from shared.vendors.payload import Row, rows_only
from shared.vendors.pulse.answers import PulseAnswers

PLAUSIBLE = PulseAnswers()
_WRAPPERS = ("items", "data", "contacts", "results")
_TOTALS = ("total", "totalCount", "totalItems", "totalResults")
_AROUND_TOTALS = ("meta", "pagination", "paging", "page")


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The hits of one page, and how many there are on all pages where the answer says it."""

    hits: list[Row]
    total: int | None = None

    @classmethod
    def of(cls, body: Any, answers: PulseAnswers = PLAUSIBLE) -> SearchPage | None:
        """Read an answer; None when it is not understood, which must never be taken for "nobody"."""
        hits = _hits(body) if body is None or answers.contacts is None else rows_only(read(answers.contacts, body))
        if hits is None:
            return None
        total = read(answers.total, body) if answers.total else _total(body, len(hits))
        return cls([answers.hit(hit) for hit in hits], total if _is_count(total) else None)


def _hits(body: Any) -> list[Row] | None:
    if body is None:
        return []
    if isinstance(body, list):
        return rows_only(body)
    if not isinstance(body, dict):
        return None
    if "id" in body:
        return [body]
    wrapped = [body[name] for name in _WRAPPERS if name in body]
    if not wrapped:
        return None
    return [] if wrapped[0] in (None, {}) else _hits(wrapped[0])


def _total(body: Any, shown: int) -> int | None:
    """Return the number of all hits. A `count` that only counts this page says nothing of others."""
    if not isinstance(body, dict):
        return None
    around = [body, *(body[name] for name in (*_AROUND_TOTALS, *_WRAPPERS) if isinstance(body.get(name), dict))]
    around += [each["meta"] for each in around[1:] if isinstance(each.get("meta"), dict)]
    totals = [each[name] for each in around for name in _TOTALS if _is_count(each.get(name))]
    counts = [each["count"] for each in around if _is_count(each.get("count")) and each["count"] > shown]
    return next(iter((*totals, *counts)), None)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
