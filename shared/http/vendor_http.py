"""The one request loop for all vendors: send, bound, translate. A vendor file knows nothing of HTTP libraries.

What a failure means depends on what the call does, so every call declares its `Effect`; retries are decided elsewhere.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from shared import errors
from shared.deadline import Deadline
from shared.http.answer_error import is_page, lost_answer, refused_answer, reported_failure
from shared.http.call import Call, Reply
from shared.http.deadline_transport import deadline_of_this_call
from shared.http.retry_after import parse_retry_after
from shared.http.says_no import says_no
from shared.telemetry import logger

RESPONSE_CAP = 4 * 1024 * 1024
"""Bytes of an answer that are read; more is a failure, not a download."""

CONNECT_SECONDS = 3.0

USER_AGENT = "signup-relay/0.1.0"
"""Firewalls refuse the names of HTTP libraries; the version is the project's."""


HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive", "User-Agent": USER_AGENT}
"""What every request says, unless its call says otherwise."""

TIMEOUT = httpx.Timeout(None, connect=CONNECT_SECONDS).as_dict()


class VendorHttp:
    """Sends calls over one shared transport. Safe to use from several threads.

    A transport has no cookies, which would tie one connection's requests to another's at the same host, follows no
    redirects, and costs a third less than httpx's client.
    """

    def __init__(self, transport: httpx.BaseTransport, wall_clock: Callable[[], float] = time.time) -> None:
        self._transport = transport
        self._wall_clock = wall_clock

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

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
            raise lost_answer(call, error) from None
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
        request = httpx.Request(
            call.method,
            call.url,
            params=list(call.query) or None,
            headers={**HEADERS, **call.headers},
            json=call.body,
            data=dict(call.form) if call.form is not None else None,
            files=dict(call.files) if call.files is not None else None,
            extensions={"timeout": TIMEOUT},
        )
        response = self._transport.handle_request(request)
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
        if not 200 <= response.status_code < 300 or is_page(content):
            retry_after = parse_retry_after(response.headers.get("retry-after"), self._wall_clock())
            raise refused_answer(call, response, content, retry_after)
        body, is_json = _decode(content)
        if call.writes and says_no(body, call.words):
            raise reported_failure(call, response.status_code, content)
        return Reply(response.status_code, body, response.headers, empty=not content.strip(), is_json=is_json)


def _decode(content: bytes) -> tuple[Any, bool]:
    """Return the decoded JSON, and whether it was JSON."""
    try:
        return json.loads(content), True
    except (ValueError, RecursionError):
        return None, False
