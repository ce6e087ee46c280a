"""Screening: who may send a sign-up, and what tells bots from people. `signup.py` has the order."""

from __future__ import annotations

from dataclasses import dataclass

from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, last_of
from functions.submit.request.request import Request
from functions.submit.screening.caller import Callers
from functions.submit.screening.honeypot import honeypot_value
from functions.submit.screening.signature import Signed
from functions.submit.screening.signatures import Signatures
from functions.submit.screening.time_token import TimeTokens
from shared.errors import LedgerKeyUnavailable
from shared.forms import Form
from shared.forms.reserved_names import TOKEN
from shared.telemetry import logger

ANY = "*"

_PEOPLE_HAVE_THEM = {"token-missing", "token-too-old"}
"""Token problems that real visitors can have: a page without its script, or one left open since yesterday."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request: `caller` is a keyed hash of the address, `signed` what a valid signature says."""

    caller: str | None
    signed: Signed | None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a sign-up is taken for spam. It is kept in quarantine in any case.

    Attributes:
        reason: a fixed phrase.
        tell_visitor: whether the caller is asked to try once more, rather than answered like success as bots are.
    """

    reason: str
    tell_visitor: bool = False


def allowed_origin(form: Form, request: Request) -> str | None:
    """Return the request's origin if this form allows it; None when there is no origin, or no right."""
    if request.origin is not None and (ANY in form.allowed_origins or request.origin in form.allowed_origins):
        return request.origin
    return None


def check_origin(form: Form, request: Request) -> None:
    """Refuse a foreign origin, and a missing one unless the form is signed or open to any caller.

    Raises:
        Refusal: 403.
    """
    if request.origin is None:
        if form.signature is None and ANY not in form.allowed_origins:
            raise Refusal("origin-not-allowed", variant="origin-missing")
    elif allowed_origin(form, request) is None:
        raise Refusal("origin-not-allowed")


@dataclass(frozen=True, slots=True)
class Screening:
    """The checks before a sign-up is parsed."""

    callers: Callers
    signatures: Signatures
    time_tokens: TimeTokens

    def recognise(self, form: Form, request: Request, body: bytes) -> Sender:
        """Return who sent the request.

        Raises:
            Refusal: 403, its origin is not allowed, or its signature is missing, not valid or was used before;
                503, there is no secret to check it with.
        """
        check_origin(form, request)
        return Sender(self.callers.hash_of(request), self.signatures.check(form, request, body))

    def suspicion(self, form: Form, values: Values) -> Suspicion | None:
        """Return why the sign-up is suspected to be spam, if it is."""
        if honeypot_value(form, values):
            return Suspicion("honeypot")
        if not form.spam.min_seconds:
            return None
        token = str(last_of(values, TOKEN) or "")
        try:
            problem = self.time_tokens.check(form.id, token, form.spam.min_seconds)
        except LedgerKeyUnavailable as error:
            logger.warning("time token not checked", form=form.id, error=str(error))
            return None
        return Suspicion(problem, tell_visitor=problem in _PEOPLE_HAVE_THEM) if problem else None
