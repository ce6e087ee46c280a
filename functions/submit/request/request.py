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
MAX_SIGNED_BODY_BYTES = 256 * 1024
"""Of forms whose senders sign: some builders send the form's whole definition along."""
_END_OF_TIME = 10**14
"""Milliseconds since the epoch, in the year 5138: what the order of sign-ups has digits for."""
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_WEBSITE = re.compile(r"null|https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
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
    source_ip: str = field(repr=False)
    """Who connected to the API; behind a proxy, the proxy."""
    received_at: int
    method: str
    url: str = field(repr=False)
    """The whole address that was asked for, as its sender wrote it."""

    def body(self, max_bytes: int = MAX_BODY_BYTES) -> bytes:
        """Return the exact bytes that were sent.

        Raises:
            Refusal: more than `max_bytes`, or marked as base64 and is not.
        """
        if len(self.content) > max_bytes * 2:
            raise Refusal("too-large")
        try:
            body = base64.b64decode(self.content, validate=True) if self.encoded else self.content.encode()
        except (binascii.Error, ValueError):
            raise Refusal("unreadable-body") from None
        if len(body) > max_bytes:
            raise Refusal("too-large")
        return body

    @property
    def origin(self) -> str | None:
        """The `Origin` header, lower case; what no browser would send counts as an opaque origin, `null`."""
        origin = self.headers.get("origin", "").strip().lower()
        return origin if _VISIBLE.fullmatch(origin) else "null" if origin else None

    @property
    def website(self) -> str | None:
        """The `Origin` header as a log line may show it: a scheme and host, never whatever else somebody puts there."""
        return self.origin if self.origin is None or _WEBSITE.fullmatch(self.origin) else "unusual"

    @property
    def page(self) -> str | None:
        """The page with the form: `Referer` without query, fragment and user."""
        try:
            parts = urlsplit(_utf8(self.headers.get("referer", "")))
        except ValueError:
            return None
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
        html, data, anything = 0.0, 0.0, 0.0
        for part in self.headers.get("accept", "").lower().split(","):
            media, _, parameters = part.strip().partition(";")
            weight = _weight(parameters)
            if media.strip() in {"text/html", "application/xhtml+xml", "text/*"}:
                html = max(html, weight)
            elif media.strip() in {"application/json", "application/problem+json"}:
                data = max(data, weight)
            elif media.strip() in {"application/*", "*/*"}:
                anything = max(anything, weight)
        return html > data and html >= anything  # a type that is named counts more than a wildcard


def _weight(parameters: str) -> float:
    match = re.search(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameters)
    return float(match[1]) if match else 1.0


def read_request(form_id: str, event: Mapping[str, Any], now: float) -> Request:
    """Read the event's facts, whatever of it is missing; the body is decoded when it is asked for."""
    context = _part(event, "requestContext")
    http = _part(context, "http")
    headers = {str(name).lower(): str(value) for name, value in _part(event, "headers").items()}
    sent_at = context.get("timeEpoch")
    return Request(
        form_id=form_id,
        headers=headers,
        content=str(event.get("body") or ""),
        encoded=bool(event.get("isBase64Encoded")),
        source_ip=str(http.get("sourceIp", "")),
        received_at=sent_at if isinstance(sent_at, int) and 0 < sent_at < _END_OF_TIME else int(now * 1000),
        method=str(http.get("method", "")),
        url=_url(event, headers, context),
    )


def _url(event: Mapping[str, Any], headers: Mapping[str, str], context: Mapping[str, Any]) -> str:
    host = headers.get("host") or context.get("domainName", "")
    path = _part(context, "http").get("path") or event.get("rawPath", "")
    query = event.get("rawQueryString")
    return f"https://{host}{path}{f'?{query}' if query else ''}"


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}


def _utf8(text: str) -> str:
    """Return `text` without what UTF-8 cannot hold: lone surrogates, which JSON escapes let through."""
    return text.encode("utf-8", "replace").decode()
