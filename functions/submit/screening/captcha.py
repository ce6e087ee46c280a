"""Captchas: one verifier for Turnstile, hCaptcha and reCAPTCHA, whose protocols are the same but for names.

Sources: "Validate the token" (Turnstile), "Verify the User Response Server Side" (hCaptcha), "Verifying the user's
response" (reCAPTCHA). A response is good for one check only, so it is checked last, once everything else is in order.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.submit.refusal import Refusal
from functions.submit.request.body import Values, last_of
from shared.aws.secrets import Secrets
from shared.deadline import Deadline
from shared.errors import ConfigurationError, CredentialsMissing, RelayError, VendorError
from shared.forms.definition import CaptchaKind
from shared.forms.reserved_names import CAPTCHA_FIELDS
from shared.http.call import Call, Effect
from shared.http.vendor_http import VendorHttp
from shared.telemetry import count, logger
from shared.vendors.connection import BaseUrl, Credential

SECRET = "captcha"
MAX_SECONDS = 3.0
LEAST_SECONDS = 0.5
"""With less time than this the verifier is not asked: no answer would come in time."""
MAX_RESPONSE_CHARACTERS = 2048
"""A Turnstile token's greatest length; the others' are shorter."""
LOWEST_SCORE = 0.5
"""Of reCAPTCHA v3, which scores instead of asking; Google's own advice for a start."""


@dataclass(frozen=True, slots=True)
class _Service:
    url: str
    field: str
    """Where its widget puts the visitor's response in the form."""


SERVICES: dict[CaptchaKind, _Service] = {
    "turnstile": _Service("https://challenges.cloudflare.com/turnstile/v0/siteverify", CAPTCHA_FIELDS["turnstile"]),
    "hcaptcha": _Service("https://api.hcaptcha.com/siteverify", CAPTCHA_FIELDS["hcaptcha"]),
    "recaptcha": _Service("https://www.google.com/recaptcha/api/siteverify", CAPTCHA_FIELDS["recaptcha"]),
}

_OURS = frozenset(
    {
        "internal-error",
        "invalid-input-secret",
        "invalid-or-already-seen-secret",
        "invalid-keys",
        "missing-input-secret",
        "not-using-dummy-secret",
        "sitekey-secret-mismatch",
    }
)
"""Error codes that speak of the set-up or the service. `bad-request` is not among them: a visitor can cause it."""


class Verdict(enum.Enum):
    """What a verifier says of a response."""

    PASSED = "passed"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    """It could not be asked, or found fault with the set-up; nothing that a visitor sends leads here."""


class Credentials(BaseModel):
    """The secret `captcha`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    secret: Credential = Field(repr=False)
    url: BaseUrl | None = None
    """Another verifier of the same protocol."""


class Captcha:
    """Asks a verifier over the relay's one HTTP core."""

    def __init__(self, http: VendorHttp, secrets: Secrets) -> None:
        self._http = http
        self._secrets = secrets

    def verdict(self, kind: CaptchaKind, values: Values, deadline: Deadline) -> Verdict:
        """Have the visitor's response checked, within three seconds.

        Raises:
            Refusal: 503, no time is left to check it.
        """
        service = SERVICES[kind]
        response = last_of(values, service.field)
        if not isinstance(response, str) or not 0 < len(response) <= MAX_RESPONSE_CHARACTERS:
            return Verdict.FAILED
        # A crowd of requests can use up the time; that must not count as the verifier's fault.
        if deadline.remaining < LEAST_SECONDS:
            raise Refusal("not-accepted")
        try:
            return _read(self._ask(kind, service, response, Deadline.after(min(MAX_SECONDS, deadline.remaining))))
        except VendorError as error:
            if error.status is not None and 400 <= error.status < 500:
                logger.warning("captcha refused", error=str(error))
                return Verdict.FAILED
            return _unavailable(error)
        except RelayError as error:
            return _unavailable(error)

    def _ask(self, kind: CaptchaKind, service: _Service, response: str, deadline: Deadline) -> Any:
        credentials = self._credentials()
        call = Call(
            vendor=kind,
            operation="verify captcha",
            method="POST",
            url=credentials.url or service.url,
            effect=Effect.READ,
            form={"secret": credentials.secret, "response": response},
        )
        return self._http.send(call, deadline).body

    def _credentials(self) -> Credentials:
        try:
            return Credentials.model_validate(self._secrets.fetch(SECRET))
        except ValidationError:
            raise CredentialsMissing(f"secret {SECRET} needs secret, and may have url") from None


def _unavailable(error: RelayError) -> Verdict:
    logger.warning("captcha not verified", error=str(error))
    count("CaptchaUnavailable")
    return Verdict.UNAVAILABLE


def _read(answer: Any) -> Verdict:
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        return _unavailable(ConfigurationError("the verifier's answer says neither yes nor no"))
    if answer["success"]:
        score = answer.get("score", 1)
        return Verdict.PASSED if isinstance(score, int | float) and score >= LOWEST_SCORE else Verdict.FAILED
    codes = answer.get("error-codes")
    if isinstance(codes, list) and any(isinstance(code, str) and code in _OURS for code in codes):
        return _unavailable(ConfigurationError("the verifier finds fault with itself or with our secret"))
    return Verdict.FAILED
