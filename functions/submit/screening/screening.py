"""Screening, in this order: origin → signature → rate limit → honeypot → time token → captcha. Size came before.

The captcha's turn is after the fields are checked and only for the first of identical sign-ups (`reception.py`): a
response is good for one check, and neither a typing mistake nor a repeated request may use it up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, last_of
from functions.submit.request.request import Request
from functions.submit.screening import time_token
from functions.submit.screening.signature import Signed, signing_secrets, verify
from functions.submit.screening.time_token import TimeTokens
from shared.aws.secrets import Secrets
from shared.errors import KEY_ERRORS, LEDGER_ERRORS, CredentialsMissing, LedgerUnavailable
from shared.forms import Form
from shared.forms.definition import Signature
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import RateLimit
from shared.ledger.signed_requests import SignedRequests
from shared.telemetry import logger

ANY = "*"

_MENDABLE = {"token-missing", "token-too-old"}
"""What befalls people too: a page without its script, or one left open since yesterday."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a sign-up is taken for spam. It is kept in quarantine in any case.

    Attributes:
        reason: a fixed phrase.
        told: whether the caller is asked to try once more, rather than answered like success as bots are.
    """

    reason: str
    told: bool = False


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
            raise Refusal("origin-not-allowed", finer="origin-missing")
    elif allowed_origin(form, request) is None:
        raise Refusal("origin-not-allowed")


def honeypot_value(form: Form, values: Values) -> Values:
    """Return what fills the honeypot, if anything does: only null and empty text leave it empty."""
    name = form.spam.honeypot
    sent = values.get(name, []) if name is not None else []
    filled = [value for value in sent if value is not None and not (isinstance(value, str) and not value.strip())]
    return {name: filled} if name is not None and filled else {}


@dataclass(frozen=True, slots=True)
class Screening:
    """The checks that need something outside the request."""

    people: PersonHasher
    secrets: Secrets
    rate_limit: RateLimit
    replays: SignedRequests
    time_tokens: TimeTokens
    wall_clock: Callable[[], float] = time.time

    def signed(self, form: Form, request: Request, body: bytes) -> Signed | None:
        """Check the signature, where the form asks for one.

        Raises:
            Refusal: 403, it is missing, not valid or was used before; 503, there is no secret to check it with.
        """
        if form.signature is None:
            return None
        try:
            signed = self._verified(form.signature, request, body)
        except KEY_ERRORS as error:
            logger.error("signature not checked", form=form.id, error=str(error))
            raise Refusal("not-accepted", retry_after=60) from None
        if signed.attempt_id is not None:
            try:
                is_copy = self.replays.was_accepted(form.id, signed.attempt_id)
            except LEDGER_ERRORS as error:
                logger.warning("replay not checked", form=form.id, error=str(error))
            else:
                if is_copy:
                    raise Refusal("signature-invalid")
        return signed

    def _verified(self, signature: Signature, request: Request, body: bytes) -> Signed:
        """Verify; with what fits no known secret once more, if the secret has changed meanwhile."""

        def once(secret: Mapping[str, Any]) -> Signed:
            return verify(signature, signing_secrets(secret), request.headers, body, self.wall_clock())

        known = self.secrets.fetch(signature.secret)
        try:
            return once(known)
        except (Refusal, CredentialsMissing):
            fresh = self.secrets.fetch(signature.secret, fresh=True)
            if fresh == known:
                raise
            return once(fresh)

    def accepted(self, form: Form, signed: Signed | None) -> None:
        """Remember that this signed attempt was accepted."""
        if signed is None or signed.attempt_id is None or form.signature is None:
            return
        try:
            self.replays.remember(form.id, signed.attempt_id, form.signature.tolerance_seconds)
        except LEDGER_ERRORS as error:
            logger.warning("attempt not remembered", form=form.id, error=str(error))

    def caller(self, request: Request) -> str | None:
        """Return the keyed hash of the caller's address, or None while the key is out of reach."""
        try:
            return self.people.hashed("ip", request.ip)
        except KEY_ERRORS:
            return None

    def limit(self, form: Form, caller: str | None) -> bool:
        """Count the request; returns whether the ledger answered. A limit that cannot be checked stops nobody.

        Raises:
            Refusal: 429.
        """
        if caller is None:
            return False
        try:
            wait = self.rate_limit.take(form.rate_limit, f"{form.id}#{caller}")
        except LedgerUnavailable as error:
            logger.warning("rate limit not checked", form=form.id, error=str(error))
            return False
        if wait:
            raise Refusal("too-many-requests", retry_after=wait)
        return True

    def suspicion(self, form: Form, values: Values) -> Suspicion | None:
        """Return why the sign-up is suspected to be spam, if it is. A token that cannot be checked stops nobody."""
        least = form.spam.min_seconds
        if honeypot_value(form, values):
            return Suspicion("honeypot")
        if not least:
            return None
        try:
            doubt = self.time_tokens.doubt(form.id, str(last_of(values, time_token.FIELD) or ""), least)
        except KEY_ERRORS as error:
            logger.warning("time token not checked", form=form.id, error=str(error))
            return None
        return Suspicion(doubt, told=doubt in _MENDABLE) if doubt else None
