"""An HTTP API event (payload format 2.0) as the few facts that a sign-up needs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from functions.submit.refusal import Refusal

MAX_BODY_BYTES = 64 * 1024
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Request:
    """One request for one form. `received_at` is the gateway's request time, milliseconds since the epoch."""

    form_id: str
    headers: Mapping[str, str] = field(repr=False)
    content: str = field(repr=False)
    """The body as the gateway passed it on."""
    encoded: bool
    """Whether the gateway encoded it as base64."""
    ip: str = field(repr=False)
    received_at: int

    def body(self) -> bytes:
        """Return the exact bytes that were sent.

        Raises:
            Refusal: more than 64 KiB, or marked as base64 and is not.
        """
        if len(self.content) > MAX_BODY_BYTES * 2:
            raise Refusal("too-large")
        try:
            body = base64.b64decode(self.content, validate=True) if self.encoded else self.content.encode()
        except (binascii.Error, ValueError):
            raise Refusal("unreadable-body") from None
        if len(body) > MAX_BODY_BYTES:
            raise Refusal("too-large")
        return body

    @property
    def origin(self) -> str | None:
        """The `Origin` header, lower case."""
        return (self.headers.get("origin") or "").strip().lower() or None

    @property
    def page(self) -> str | None:
        """The page the form stands on: `Referer` without query, fragment and user."""
        parts = urlsplit(self.headers.get("referer", ""))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:500]

    @property
    def idempotency_key(self) -> str | None:
        """The `Idempotency-Key` header.

        Raises:
            Refusal: it is longer than 255 characters or not printable ASCII.
        """
        key = self.headers.get("idempotency-key", "").strip()
        if key and not _IDEMPOTENCY_KEY.fullmatch(key):
            raise Refusal("bad-idempotency-key")
        return key or None

    @property
    def wants_html(self) -> bool:
        """Whether `Accept` prefers a web page: a browser that navigates, not a script."""
        html, data = 0.0, 0.0
        for part in self.headers.get("accept", "").lower().split(","):
            media, _, parameters = part.strip().partition(";")
            weight = _weight(parameters)
            if media.strip() in {"text/html", "application/xhtml+xml"}:
                html = max(html, weight)
            elif media.strip() in {"application/json", "application/problem+json", "application/*", "*/*"}:
                data = max(data, weight)
        return html > data


def _weight(parameters: str) -> float:
    match = re.search(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameters)
    return float(match[1]) if match else 1.0


def read_request(form_id: str, event: Mapping[str, Any], now: float) -> Request:
    """Read the event's facts; the body is decoded when it is asked for."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    return Request(
        form_id=form_id,
        headers={str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        content=str(event.get("body") or ""),
        encoded=bool(event.get("isBase64Encoded")),
        ip=str(http.get("sourceIp", "")),
        received_at=int(context.get("timeEpoch") or now * 1000),
    )
