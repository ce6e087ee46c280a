"""Signature Version 4 of a POST to an address without a query ("Create a signed AWS API request").

botocore's own signs any request at all and derives the key anew for each: that is a quarter of a call's CPU time. Tests
hold this one against it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from botocore.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Signer:
    """Signs requests to one service. Asks `credentials` every time: some are refreshed."""

    def __init__(
        self, credentials: Credentials, region: str, service: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._now = now

    def signed(self, url: str, headers: Mapping[str, str], content: bytes) -> dict[str, str]:
        """Return `headers` and those that prove who sends them."""
        credentials, time = self._credentials.get_frozen_credentials(), self._now().strftime("%Y%m%dT%H%M%SZ")
        token = {"X-Amz-Security-Token": credentials.token} if credentials.token else {}
        sent = {**headers, "X-Amz-Date": time, **token}
        address = urlsplit(url)
        host = address.netloc.removesuffix(":443" if address.scheme == "https" else ":80")
        lines = sorted((name.lower(), text) for name, text in {**sent, "Host": host}.items())
        names = ";".join(name for name, _ in lines)
        canonical = "\n".join(
            ["POST", address.path, "", *(f"{name}:{text}" for name, text in lines), "", names, _hash(content)]
        )
        scope = f"{time[:8]}/{self._region}/{self._service}/aws4_request"
        to_sign = "\n".join([ALGORITHM, time, scope, _hash(canonical.encode())])
        key = _signing_key(credentials.secret_key, time[:8], self._region, self._service)
        proof = hmac.digest(key, to_sign.encode(), "sha256").hex()
        credential = f"{credentials.access_key}/{scope}"
        sent["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={proof}"
        return sent


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=8)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Return the key of one day."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
