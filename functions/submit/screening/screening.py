"""Screening: who may send a sign-up, how often, and what tells bots from people. `signup.py` has the order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, last_of
from functions.submit.request.request import Request
from functions.submit.screening import time_token
from functions.submit.screening.caller import Callers
from functions.submit.screening.honeypot import honeypot_value
from functions.submit.screening.signature import Signed, SignedRequest, signing_secrets, verify
from functions.submit.screening.time_token import TimeTokens
from shared.aws.secrets import Secrets
from shared.contact import Contact
from shared.errors import KEY_ERRORS, LEDGER_ERRORS, CredentialsMissing, LedgerUnavailable
from shared.forms import Form
from shared.forms.definition import Signature
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import CALLER, RECIPIENT, RateLimit
from shared.ledger.signed_requests import SignedRequests
from shared.telemetry import count, logger

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
    """The checks before and around a sign-up. What cannot be checked because a service is down stops nobody."""

    callers: Callers
    people: PersonHasher
    secrets: Secrets
    rate_limit: RateLimit
    signed_requests: SignedRequests
    time_tokens: TimeTokens
    wall_clock: Callable[[], float] = time.time

    def recognise(self, form: Form, request: Request, body: bytes) -> Sender:
        """Return who sent the request.

        Raises:
            Refusal: 403, its origin is not allowed, or its signature is missing, not valid or was used before;
                503, there is no secret to check it with.
        """
        check_origin(form, request)
        return Sender(self.callers.hash_of(request), self._signed(form, request, body))

    def limit_caller(self, form: Form, caller: str | None) -> bool:
        """Count the request; returns whether the ledger is available.

        Raises:
            Refusal: 429.
        """
        if caller is None:
            return False
        try:
            wait = self.rate_limit.take(form.rate_limit, f"{CALLER}{form.id}#{caller}")
        except LedgerUnavailable as error:
            logger.warning("rate limit not checked", form=form.id, error=str(error))
            return False
        if wait:
            raise Refusal("too-many-requests", retry_after=wait)
        return True

    def suspicion(self, form: Form, values: Values) -> Suspicion | None:
        """Return why the sign-up is suspected to be spam, if it is."""
        if honeypot_value(form, values):
            return Suspicion("honeypot")
        if not form.spam.min_seconds:
            return None
        token = str(last_of(values, time_token.FIELD) or "")
        try:
            problem = self.time_tokens.check(form.id, token, form.spam.min_seconds)
        except KEY_ERRORS as error:
            logger.warning("time token not checked", form=form.id, error=str(error))
            return None
        return Suspicion(problem, tell_visitor=problem in _PEOPLE_HAVE_THEM) if problem else None

    def limit_recipient(self, form: Form, contact: Contact) -> None:
        """Count a sign-up for its e-mail address and for its phone number.

        Raises:
            Refusal: 429, one of them has had too many: somebody may be flooding a victim's mailbox.
        """
        for person in self._recipients(form, contact):
            try:
                wait = self.rate_limit.take(form.recipient_limit, f"{RECIPIENT}{form.id}#{person}")
            except LedgerUnavailable as error:
                logger.warning("recipient limit not checked", form=form.id, error=str(error))
                return
            if wait:
                count("RecipientLimited", form=form.id)
                raise Refusal("too-many-requests", retry_after=wait)

    def _recipients(self, form: Form, contact: Contact) -> list[str]:
        try:
            return sorted(self.people.of_contact(contact))
        except KEY_ERRORS as error:
            logger.warning("recipient limit not checked", form=form.id, error=str(error))
            return []

    def remember_signature(self, form: Form, signed: Signed | None) -> None:
        """Remember that this signed attempt was accepted."""
        if signed is None or signed.attempt_id is None or form.signature is None:
            return
        try:
            self.signed_requests.remember(form.id, signed.attempt_id, form.signature.tolerance_seconds)
        except LEDGER_ERRORS as error:
            logger.warning("attempt not remembered", form=form.id, error=str(error))

    def _signed(self, form: Form, request: Request, body: bytes) -> Signed | None:
        if form.signature is None:
            return None
        try:
            signed = self._verified(form.signature, request, body)
        except KEY_ERRORS as error:
            logger.error("signature not checked", form=form.id, error=str(error))
            raise Refusal("not-accepted", retry_after=60) from None
        if signed.attempt_id is not None and self._was_accepted(form, signed.attempt_id):
            raise Refusal("signature-invalid")
        return signed

    def _verified(self, signature: Signature, request: Request, body: bytes) -> Signed:
        """Verify; with what fits no known secret once more, if the secret has changed meanwhile."""
        sent = SignedRequest(request.method, request.url, request.headers, body)

        def verified_with(secret: Mapping[str, Any]) -> Signed:
            return verify(signature, signing_secrets(secret), sent, self.wall_clock())

        known = self.secrets.fetch(signature.secret)
        try:
            return verified_with(known)
        except (Refusal, CredentialsMissing) as failed:
            if isinstance(failed, Refusal) and failed.kind == "signature-missing":
                raise
            fresh = self.secrets.fetch(signature.secret, fresh=True)
            if fresh == known:
                raise
            return verified_with(fresh)

    def _was_accepted(self, form: Form, attempt_id: str) -> bool:
        try:
            return self.signed_requests.was_accepted(form.id, attempt_id)
        except LEDGER_ERRORS as error:
            logger.warning("signed request not compared with earlier ones", form=form.id, error=str(error))
            return False
