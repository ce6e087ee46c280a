"""Every way in which a request is turned down: kind → status, and how long to wait.

`shared/forms/texts.py` has the texts, `answer/refusal_text.py` picks one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.forms.invalid_fields import FieldError


class Refusal(Exception):
    """The request is turned down; `kind` is a key of `PROBLEMS`, whose `retry_after` an own one replaces.

    `variant`, a key of `VARIANT_TEXTS`, picks a text that says more than the kind's own.
    """

    def __init__(
        self,
        kind: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        variant: str | None = None,
    ) -> None:
        self.kind = kind
        self.variant = variant
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table. `retry_after`: seconds until a try is worthwhile, if waiting helps at all."""

    status: int
    retry_after: float | None = None


PROBLEMS: dict[str, Problem] = {
    "unreadable-body": Problem(400),
    "too-deep": Problem(400),
    "bad-idempotency-key": Problem(400),
    "origin-not-allowed": Problem(403),
    "signature-missing": Problem(403),
    "signature-invalid": Problem(403),
    "spam-suspected": Problem(403),
    "form-not-found": Problem(404),
    "not-found": Problem(404),
    "method-not-allowed": Problem(405),
    "idempotency-conflict": Problem(409),
    "too-large": Problem(413),
    "unsupported-type": Problem(415),
    "invalid-fields": Problem(422),
    "too-many-requests": Problem(429),
    "form-broken": Problem(503, retry_after=300.0),
    "not-accepted": Problem(503, retry_after=5.0),
}
