"""Signatures: proof that a server which knows the form's signing secret sent exactly this body.

Three schemes: Standard Webhooks 1.0 by its own library; an HMAC-SHA256, as most form builders send it, of the body or
of what the form's `signed` says; and a header that holds the secret itself. Any of several secrets will do, so that
one can be replaced while the other is still in use.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from functions.submit.refusal import Refusal
from shared.errors import CredentialsMissing
from shared.forms.definition import SIGNED_PART, Signature

_SECONDS = re.compile(r"[0-9]{1,11}")
_MILLISECONDS = re.compile(r"[0-9]{12,14}")

UNSTAMPED_SECONDS = 30 * 86_400
"""How long a message without a signed time is remembered: nothing else tells a copy from the first one."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature may cover; `headers` are named in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a valid signature says of a request.

    Attributes:
        message_id: the same for every attempt at sending this message; None where nothing tells.
        remember_seconds: how long the message must be remembered so that a copy of it is known.
        attempt_id: this one attempt, by its signed time; None where a copy cannot be told from a second try.
    """

    message_id: str | None
    remember_seconds: int = 86_400
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


def verify(signature: Signature, secrets: Sequence[str], sent: SignedRequest, now: float) -> Signed:
    """Check the request's signature; `now` is in seconds since the epoch.

    Raises:
        Refusal: 403, the signature is missing or not valid.
        CredentialsMissing: a secret cannot be one of this scheme.
    """
    match signature.scheme:
        case "standard-webhooks":
            return _standard_webhooks(signature, secrets, sent, now)
        case "hmac-sha256":
            return _hmac_sha256(signature, secrets, sent, now)
        case "header-secret":
            return _header_secret(signature, secrets, sent)


def _standard_webhooks(signature: Signature, secrets: Sequence[str], sent: SignedRequest, now: float) -> Signed:
    names = (f"{signature.prefix}-{name}".lower() for name in ("id", "timestamp", "signature"))
    message_id, stamp, presented = (sent.headers.get(name, "") for name in names)
    if not (message_id and stamp and presented):
        raise Refusal("signature-missing")
    if not _SECONDS.fullmatch(stamp):
        raise Refusal("signature-invalid")
    _check_time(signature, int(stamp), now)
    # The library's verify() knows no tolerance but its own five minutes, and raises whatever malformed headers cause.
    at = datetime.fromtimestamp(int(stamp), UTC)
    try:
        text = sent.body.decode()
        expected = [_webhook(secret).sign(message_id, at, text) for secret in secrets]
    except UnicodeError:
        raise Refusal("signature-invalid") from None
    _check_equal([each.encode() for each in expected], [_ascii(each) for each in presented.split(" ")])
    return Signed(message_id, attempt_id=f"{message_id}.{stamp}")


def _webhook(secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise CredentialsMissing("signing_secret must be base64, with or without whsec_") from None


def _hmac_sha256(signature: Signature, secrets: Sequence[str], sent: SignedRequest, now: float) -> Signed:
    presented = _presented(signature, sent)
    remember_seconds = UNSTAMPED_SECONDS
    if signature.timestamp_header is not None:
        _check_time(signature, _seconds(_header(sent, signature.timestamp_header)), now)
        remember_seconds = max(86_400, 2 * signature.tolerance_seconds)
    signed = _signed_bytes(signature, sent)
    expected = [hmac.digest(secret.encode(), signed, "sha256") for secret in secrets]
    _check_equal(expected, [_mac(presented.removeprefix("sha256="))])
    # Of the body, not of the MAC: a copy stays the same message after the secret was replaced.
    return Signed(hashlib.sha256(sent.body).hexdigest(), remember_seconds)


def _header_secret(signature: Signature, secrets: Sequence[str], sent: SignedRequest) -> Signed:
    presented = _presented(signature, sent)
    _check_equal([secret.encode() for secret in secrets], [presented.encode("utf-8", "replace")])
    return Signed(None)


def _presented(signature: Signature, sent: SignedRequest) -> str:
    return _header(sent, signature.header).strip()


def _header(sent: SignedRequest, name: str) -> str:
    text = sent.headers.get(name.lower(), "")
    if not text:
        raise Refusal("signature-missing")
    return text


def _signed_bytes(signature: Signature, sent: SignedRequest) -> bytes:
    """Return what the sender signed: the form's template with its placeholders filled."""

    def part(placeholder: re.Match[str]) -> bytes:
        match placeholder[1]:
            case "body":
                return sent.body
            case "timestamp":
                return _header(sent, signature.timestamp_header or "").encode()
            case "method":
                return sent.method.encode()
            case "url":
                return sent.url.encode("utf-8", "replace")
        return _header(sent, placeholder[2]).encode("utf-8", "replace")

    pieces: list[bytes] = []
    end = 0
    for placeholder in SIGNED_PART.finditer(signature.signed):
        pieces += [signature.signed[end : placeholder.start()].encode(), part(placeholder)]
        end = placeholder.end()
    return b"".join([*pieces, signature.signed[end:].encode()])


def _seconds(stamp: str) -> float:
    if _SECONDS.fullmatch(stamp):
        return int(stamp)
    if _MILLISECONDS.fullmatch(stamp):
        return int(stamp) / 1000
    raise Refusal("signature-invalid")


def _check_time(signature: Signature, at: float, now: float) -> None:
    if abs(now - at) > signature.tolerance_seconds:
        raise Refusal("signature-invalid")


def _check_equal(expected: Sequence[bytes], presented: Sequence[bytes]) -> None:
    if not any(hmac.compare_digest(one, other) for one in expected for other in presented):
        raise Refusal("signature-invalid")


def _mac(text: str) -> bytes:
    """Return the bytes of a MAC written as 64 hex digits or, as Typeform and Tally do, in base64."""
    try:
        return bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")
