"""Signatures: proof that a server which knows the form's signing secret sent exactly this body.

Two schemes: Standard Webhooks 1.0 by its own library, and a plain HMAC-SHA256 of the body in a header, as most form
builders send it. Any of several secrets will do, so that one can be replaced while the other is still in use.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from functions.submit.refusal import Refusal
from shared.errors import CredentialsMissing
from shared.forms.definition import Signature


@dataclass(frozen=True, slots=True)
class Signed:
    """What a valid signature says of a request.

    Attributes:
        message_id: the same for every attempt at sending this message.
        attempt_id: this one attempt, by its signed time; None where the scheme signs no time.
    """

    message_id: str
    attempt_id: str | None = None


def signing_secrets(secret: Mapping[str, object]) -> list[str]:
    """Return the secrets that are good at present: `signing_secret` is one text, or a list of texts.

    Raises:
        CredentialsMissing: it is neither.
    """
    value = secret.get("signing_secret")
    secrets = value if isinstance(value, list) else [value]
    texts = [text for text in secrets if isinstance(text, str) and text]
    if not texts or len(texts) < len(secrets):
        raise CredentialsMissing("signing_secret must be a text or a list of texts")
    return texts


def verify(signature: Signature, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float) -> Signed:
    """Check the request's signature; `headers` are named in lower case, `now` is in seconds since the epoch.

    Raises:
        Refusal: 403, the signature is missing or not valid.
        CredentialsMissing: a secret cannot be one of this scheme.
    """
    if signature.scheme == "standard-webhooks":
        return _standard_webhooks(signature, secrets, headers, body, now)
    return _hmac_sha256(signature, secrets, headers, body)


def _standard_webhooks(
    signature: Signature, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float
) -> Signed:
    message_id, stamp, presented = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message_id and stamp and presented):
        raise Refusal("signature-missing")
    if not re.fullmatch(r"[0-9]{1,11}", stamp) or abs(now - int(stamp)) > signature.tolerance_seconds:
        raise Refusal("signature-invalid")
    # The library's verify() knows no tolerance but its own five minutes, and raises whatever malformed headers cause.
    at = datetime.fromtimestamp(int(stamp), UTC)
    try:
        text = body.decode()
        expected = [_webhook(secret).sign(message_id, at, text) for secret in secrets]
    except UnicodeError:
        raise Refusal("signature-invalid") from None
    if not _any_equal([each.encode() for each in expected], [_ascii(each) for each in presented.split(" ")]):
        raise Refusal("signature-invalid")
    return Signed(message_id, f"{message_id}.{stamp}")


def _webhook(secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise CredentialsMissing("signing_secret must be base64, with or without whsec_") from None


def _hmac_sha256(signature: Signature, secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> Signed:
    presented = headers.get(signature.header.lower(), "").strip()
    if not presented:
        raise Refusal("signature-missing")
    expected = [hmac.digest(secret.encode(), body, "sha256") for secret in secrets]
    if not _any_equal(expected, [_mac(presented.removeprefix("sha256="))]):
        raise Refusal("signature-invalid")
    return Signed(expected[0].hex())


def _mac(text: str) -> bytes:
    """Return the bytes of a MAC written as 64 hex digits or, as Typeform and Tally do, in base64."""
    try:
        return bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _any_equal(expected: Sequence[bytes], presented: Sequence[bytes]) -> bool:
    return any(hmac.compare_digest(one, other) for one in expected for other in presented)
