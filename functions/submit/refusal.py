"""Every way in which a request is turned down: kind → status, and how long to wait.

`shared/forms/texts.py` has the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.forms.invalid_fields import FieldError
from shared.forms.texts import PROBLEM_TEXTS


class Refusal(Exception):
    """The request is turned down; `kind` is a key of `PROBLEMS`, whose `retry_after` an own one replaces.

    `finer`, a key of `FINER_TEXTS`, is for words that say more than those of the kind.
    """

    def __init__(
        self,
        kind: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        finer: str | None = None,
    ) -> None:
        self.kind = kind
        self.finer = finer
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table. `retry_after`: seconds until a try is worthwhile, if waiting helps at all."""

    status: int
    title: str
    detail: str
    retry_after: float | None = None


_STATUSES: dict[str, int] = {
    "unreadable-body": 400,
    "too-deep": 400,
    "bad-idempotency-key": 400,
    "origin-not-allowed": 403,
    "signature-missing": 403,
    "signature-invalid": 403,
    "spam-suspected": 403,
    "form-not-found": 404,
    "not-found": 404,
    "method-not-allowed": 405,
    "idempotency-conflict": 409,
    "too-large": 413,
    "unsupported-type": 415,
    "invalid-fields": 422,
    "too-many-requests": 429,
    "form-broken": 503,
    "not-accepted": 503,
}

_RETRY_AFTER = {"form-broken": 300.0, "not-accepted": 5.0}
"""Kind → seconds, where who refuses knows no better."""

PROBLEMS: dict[str, Problem] = {
    kind: Problem(status, *PROBLEM_TEXTS[kind], _RETRY_AFTER.get(kind)) for kind, status in _STATUSES.items()
}
