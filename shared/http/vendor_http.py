"""The one request loop for all vendors: send, bound, translate. A vendor file knows nothing of HTTP libraries.

What a failure means depends on what the call does, so every call declares its `Effect`; retries are decided elsewhere.
"""

from __future__ import annotations

import codecs
import enum
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx

from shared import errors
from shared.deadline import Deadline
from shared.http.deadline_transport import deadline_of_this_call
from shared.http.retry_after import parse_retry_after
from shared.telemetry import logger

RESPONSE_CAP = 4 * 1024 * 1024
"""Bytes of an answer that are read; more is a failure, not a download."""

CONNECT_SECONDS = 3.0

Query = Sequence[tuple[str, str]]


class Effect(enum.Enum):
    """What a call does to the vendor's data, and so what a lost answer means."""

    READ = "read"
    REPEATABLE = "repeatable"
    """A write that ends the same however often it is made."""
    ONCE = "once"
    """A write that must not be repeated blindly: a create, an event."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a vendor. `operation` is its name in logs and errors."""

    vendor: str
    operation: str
    method: str
    url: str = field(repr=False)
    effect: Effect
    query: Query = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    """Sent as JSON; None sends no body."""
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Sent as `application/x-www-form-urlencoded`."""
    files: Mapping[str, tuple[str, bytes, str]] | None = field(default=None, repr=False)
    """Sent as `multipart/form-data`: name → (file name, content, media type)."""
    conflict: re.Pattern[str] | None = None
    """How this vendor's refusal (400, 422) says that the contact exists already: such an answer is a `Conflict`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx answer. `body` is the decoded JSON, or None where there was none."""

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    empty: bool = False
    """Whether there was no content at all, as opposed to content that is not JSON."""


class VendorHttp:
    """Sends calls over one shared client. Safe to use from several threads."""

    def __init__(self, client: httpx.Client, wall_clock: Callable[[], float] = time.time) -> None:
        self._client = client
        # A cookie would tie a connection's requests to another's at the same host; no vendor page asks for one.
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._wall_clock = wall_clock

    def send(self, call: Call, deadline: Deadline) -> Reply:
        """Make the call within `deadline`.

        Raises:
            VendorError: a subtype that says what the failure means for this call's effect.
        """
        if deadline.passed:
            raise errors.OutOfTime(call.vendor, call.operation, detail="no time left")
        started = time.monotonic()
        status: int | None = None
        try:
            with deadline_of_this_call(deadline):
                response, content = self._exchange(call)
            status = response.status_code
        except httpx.HTTPError as error:
            raise _lost(call, error) from None
        finally:
            logger.info(
                "vendor call",
                vendor=call.vendor,
                operation=call.operation,
                status=status,
                milliseconds=round((time.monotonic() - started) * 1000),
            )
        return self._translate(call, response, content)

    def _exchange(self, call: Call) -> tuple[httpx.Response, bytes]:
        request = self._client.build_request(
            call.method,
            call.url,
            params=list(call.query) or None,
            headers=dict(call.headers),
            json=call.body,
            data=dict(call.form) if call.form is not None else None,
            files=dict(call.files) if call.files is not None else None,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        )
        response = self._client.send(request, stream=True, follow_redirects=False)
        try:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > RESPONSE_CAP:
                    raise httpx.ReadError("the answer is larger than the cap")
            return response, bytes(content)
        finally:
            response.close()

    def _translate(self, call: Call, response: httpx.Response, content: bytes) -> Reply:
        body = _decode(content)
        if 200 <= response.status_code < 300:
            if _is_page(content):
                raise errors.Misconfigured(
                    call.vendor,
                    call.operation,
                    status=response.status_code,
                    detail="answered with a web page",
                )
            return Reply(response.status_code, body, response.headers, empty=not content.strip())
        retry_after = parse_retry_after(response.headers.get("retry-after"), self._wall_clock())
        raise _refused(call, response, content, retry_after)


def _lost(call: Call, error: httpx.HTTPError) -> errors.VendorError:
    """Translate the lower library's errors; the only place that does."""
    detail = type(error).__name__
    never_sent = isinstance(
        error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol
    )
    if call.effect is Effect.ONCE and not never_sent:
        return errors.OutcomeUnknown(call.vendor, call.operation, detail=detail)
    return errors.Unavailable(call.vendor, call.operation, detail=detail)


_MEANING: dict[int, type[errors.VendorError]] = {
    401: errors.Unauthorized,
    404: errors.NotFound,
    405: errors.Misconfigured,
    408: errors.Unavailable,
    409: errors.Conflict,
    415: errors.Misconfigured,
    425: errors.Unavailable,
    429: errors.RateLimited,
}


def _refused(call: Call, response: httpx.Response, content: bytes, retry_after: float | None) -> errors.VendorError:
    status = response.status_code
    detail = None
    if status == 403:
        # A page instead of JSON is a firewall or a bot challenge in between, not the vendor's verdict on the key.
        is_page = _is_page(content)
        meaning: type[errors.VendorError] = errors.Unavailable if is_page else errors.Unauthorized
        detail = "blocked by a web page" if is_page else None
    elif status >= 500:
        # A 5xx may hide a write that happened.
        meaning = errors.OutcomeUnknown if call.effect is Effect.ONCE else errors.Unavailable
    elif status < 400:
        meaning, detail = errors.Misconfigured, "redirected; base_url or path is wrong"
    else:
        meaning = _MEANING.get(status, errors.Refused)
        if meaning is errors.Refused and call.conflict and call.conflict.search(content.decode(errors="replace")):
            meaning = errors.Conflict
    request_id = response.headers.get("x-request-id", "")
    return meaning(
        call.vendor,
        call.operation,
        status=status,
        request_id=request_id if re.fullmatch(r"[\w.-]{1,64}", request_id) else None,
        retry_after=retry_after,
        detail=detail,
    )


def _decode(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_page(content: bytes) -> bool:
    """Whether it is markup, however it begins. No vendor answers in XML; some call JSON or a sentence `text/html`."""
    return content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
