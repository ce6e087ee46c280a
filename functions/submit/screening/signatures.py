"""Signed requests: the secret to check them with, and copies of accepted ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.submit.refusal import Refusal
from functions.submit.request.request import Request
from functions.submit.screening.signature import Signed, SignedRequest, signing_secrets, verify
from shared.aws.secrets import Secrets
from shared.errors import KEY_ERRORS, CredentialsMissing, LedgerUnavailable
from shared.forms import Form
from shared.forms.definition import Signature
from shared.ledger.signed_requests import SignedRequests
from shared.telemetry import logger


@dataclass(frozen=True, slots=True)
class Signatures:
    """Checks signatures with the secrets that are good at present."""

    secrets: Secrets
    signed_requests: SignedRequests
    wall_clock: Callable[[], float] = time.time

    def check(self, form: Form, request: Request, body: bytes) -> Signed | None:
        """Return what the signature says, where the form asks for one.

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
        if signed.attempt_id is not None and self._was_accepted(form, signed.attempt_id):
            raise Refusal("signature-invalid")
        return signed

    def remember(self, form: Form, signed: Signed | None) -> None:
        """Remember that this signed attempt was accepted."""
        if signed is None or signed.attempt_id is None or form.signature is None:
            return
        try:
            self.signed_requests.remember(form.id, signed.attempt_id, form.signature.tolerance_seconds)
        except LedgerUnavailable as error:
            logger.warning("attempt not remembered", form=form.id, error=str(error))

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
        except LedgerUnavailable as error:
            logger.warning("signed request not compared with earlier ones", form=form.id, error=str(error))
            return False
