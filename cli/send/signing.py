"""Signs a test sign-up as the form's sender would."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from shared.errors import ConfigurationError
from shared.forms.definition import SIGNED_PART, Signature


def signed_headers(
    signature: Signature, secret: Mapping[str, object], url: str, body: str, message_id: str, now: float
) -> dict[str, str]:
    """Return the headers that prove the body; `now` is in seconds since the epoch.

    Raises:
        ConfigurationError: the secret holds no signing secret of this scheme.
    """
    key, stamp = _signing_secret(signature, secret), str(int(now))
    match signature.scheme:
        case "header-secret":
            return {signature.header: key}
        case "standard-webhooks":
            try:
                signed = Webhook(key).sign(message_id, datetime.fromtimestamp(int(now), UTC), body)
            except ValueError:
                raise ConfigurationError(f"the signing_secret of {signature.secret} is not base64") from None
            values = {"id": message_id, "timestamp": stamp, "signature": signed}
            return {f"{signature.prefix}-{name}": value for name, value in values.items()}
        case "hmac-sha256":
            return _hmac_sha256(signature, key, url, body, {"id": message_id, "timestamp": stamp})


def _hmac_sha256(signature: Signature, key: str, url: str, body: str, values: Mapping[str, str]) -> dict[str, str]:
    """Sign what the form's `signed` names; a header that it names is sent with the message's id."""
    named = {place[2]: values["id"] for place in SIGNED_PART.finditer(signature.signed) if place[2]}
    parts = {"body": body, "timestamp": values["timestamp"], "method": "POST", "url": url}

    def part(place: re.Match[str]) -> str:
        return named[place[2]] if place[2] else parts[place[1]]

    covered = SIGNED_PART.sub(part, signature.signed)
    digest = hmac.new(key.encode(), covered.encode(), hashlib.sha256).hexdigest()
    stamped = {signature.timestamp_header: values["timestamp"]} if signature.timestamp_header else {}
    return {**named, **stamped, signature.header: f"sha256={digest}"}


def _signing_secret(signature: Signature, secret: Mapping[str, object]) -> str:
    known = secret.get("signing_secret")
    first = known[0] if isinstance(known, list) and known else known
    if not isinstance(first, str) or not first:
        raise ConfigurationError(f"the secret of connection {signature.secret} holds no signing_secret")
    return first
