"""Captchas: one verifier for Turnstile, hCaptcha and reCAPTCHA, whose protocols are the same but for names.

Sources: "Validate the token" (Turnstile), "Verify the User Response Server Side" (hCaptcha), "Verifying the user's
response" (reCAPTCHA). A response is good for one check only, so it is checked last, once everything else is in order.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from functions.submit.request.body import Values, last_of
from shared.aws.secrets import Secrets
from shared.deadline import Deadline
from shared.errors import CredentialsMissing, RelayError
from shared.forms.definition import CaptchaKind
from shared.http.call import Call, Effect
from shared.http.vendor_http import VendorHttp
from shared.telemetry import count, logger
from shared.vendors.connection import BaseUrl, Credential

SECRET = "captcha"
MAX_SECONDS = 3.0
LOWEST_SCORE = 0.5
"""Of reCAPTCHA v3, which scores instead of asking; Google's own advice for a start."""


@dataclass(frozen=True, slots=True)
class _Service:
    url: str
    field: str
    """Where its widget puts the visitor's response in the form."""


SERVICES: dict[CaptchaKind, _Service] = {
    "turnstile": _Service("https://challenges.cloudflare.com/turnstile/v0/siteverify", "cf-turnstile-response"),
    "hcaptcha": _Service("https://api.hcaptcha.com/siteverify", "h-captcha-response"),
    "recaptcha": _Service("https://www.google.com/recaptcha/api/siteverify", "g-recaptcha-response"),
}

_OURS = frozenset(
    {
        "bad-request",
        "internal-error",
        "invalid-input-secret",
        "invalid-or-already-seen-secret",
        "invalid-keys",
        "missing-input-secret",
        "not-using-dummy-secret",
        "sitekey-secret-mismatch",
    }
)
"""Error codes that speak of the set-up or the service, not of the visitor."""


class Verdict(enum.Enum):
    """What a verifier says of a response."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be asked, or found fault with the set-up."""


class _Credentials(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    secret: Credential
    url: BaseUrl | None = None
    """Another verifier of the same protocol."""


class Captcha:
    """Asks a verifier over the relay's one HTTP core."""

    def __init__(self, http: VendorHttp, secrets: Secrets) -> None:
        self._http = http
        self._secrets = secrets

    def verdict(self, kind: CaptchaKind, values: Values, deadline: Deadline) -> Verdict:
        """Have the visitor's response checked, within three seconds. Never raises: whatever happens is a verdict."""
        service = SERVICES[kind]
        response = last_of(values, service.field)
        if not isinstance(response, str) or not response:
            return Verdict.FAILED
        limit = Deadline.after(min(MAX_SECONDS, deadline.remaining))
        try:
            credentials = self._credentials()
            call = Call(
                vendor=kind,
                operation="verify captcha",
                method="POST",
                url=credentials.url or service.url,
                effect=Effect.READ,
                form={"secret": credentials.secret, "response": response},
            )
            return _read(self._http.send(call, limit).body)
        except RelayError as error:
            logger.warning("captcha not verified", error=str(error))
            count("CaptchaUnavailable")
            return Verdict.UNKNOWN

    def _credentials(self) -> _Credentials:
        try:
            return _Credentials.model_validate(self._secrets.fetch(SECRET))
        except ValidationError:
            raise CredentialsMissing(f"secret {SECRET} needs secret, and may have url") from None


def _read(answer: Any) -> Verdict:
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        return Verdict.UNKNOWN
    if answer["success"]:
        score = answer.get("score", 1)
        return Verdict.PASSED if isinstance(score, int | float) and score >= LOWEST_SCORE else Verdict.FAILED
    codes = answer.get("error-codes")
    ours = isinstance(codes, list) and any(isinstance(code, str) and code in _OURS for code in codes)
    return Verdict.UNKNOWN if ours else Verdict.FAILED
