"""Screening, in this order: origin or signature → rate limit → honeypot → time token → captcha. Size came before."""

from __future__ import annotations

from dataclasses import dataclass

from functions.submit.body import Values
from functions.submit.rate_limit import RateLimit
from functions.submit.refusal import Refusal
from functions.submit.request import Request
from shared.errors import CredentialsMissing, LedgerUnavailable, SecretsUnavailable
from shared.forms import Form
from shared.people import People
from shared.telemetry import logger

ANY = "*"


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
            raise Refusal("origin-not-allowed")
    elif allowed_origin(form, request) is None:
        raise Refusal("origin-not-allowed")


@dataclass(frozen=True, slots=True)
class Screening:
    """The checks that need something outside the request."""

    people: People
    rate_limit: RateLimit

    def caller(self, request: Request) -> str | None:
        """Return the keyed hash of the caller's address, or None while the key is out of reach."""
        try:
            return self.people.hashed("ip", request.ip)
        except (CredentialsMissing, SecretsUnavailable):
            return None

    def limit(self, form: Form, caller: str | None) -> bool:
        """Count the request; returns whether the ledger answered. A limit that cannot be checked stops nobody.

        Raises:
            Refusal: 429.
        """
        if caller is None:
            return False
        try:
            self.rate_limit.check(form.rate_limit, form.id, caller)
        except LedgerUnavailable as error:
            logger.warning("rate limit not checked", form=form.id, error=str(error))
            return False
        return True

    def suspicion(self, form: Form, values: Values) -> str | None:
        """Return why the sign-up is suspected to be spam, if it is."""
        honeypot = form.spam.honeypot
        if honeypot is not None and str(values.get(honeypot) or "").strip():
            return "honeypot"
        return None
