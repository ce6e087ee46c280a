"""An HTTP API on loopback: the template's routes, with local processes as functions.

The limits are those of "Quotas for configuring and running an HTTP API".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from local.gateway.http_answer import Answer, gateway_answer, http_answer
from local.gateway.http_event import Request, http_event
from local.lambdas.execution import InvocationError
from local.lambdas.functions import Route
from local.lambdas.pool import FunctionPool, Throttled
from local.loopback import LoopbackHandler, LoopbackServer

_logger = logging.getLogger(__name__)

BODY_LIMIT = 10 * 1024 * 1024
_HEADERS_LIMIT = 10_240
_INTEGRATION_SECONDS = 30

Explain = Callable[[Request, Answer], Answer]
"""Adds help for developers to an answer of the API."""

Page = Callable[[Request], Answer | None]
"""Answers requests for the stack's own pages; None passes the request on to the API."""


class Api:
    """Routes a request to its function and turns the result into an answer."""

    def __init__(
        self, pools: Sequence[FunctionPool], pages: Page, explain: Explain = lambda request, answer: answer
    ) -> None:
        """Take the routes of the pools' functions."""
        routes = [(_pattern(route.path), route, pool) for pool in pools for route in pool.function.routes]
        self._routes = sorted(routes, key=_specificity)
        self._pages = pages
        self._explain = explain

    def answer(self, request: Request) -> Answer:
        """Answer a request; an error in a function or a page becomes a 500."""
        try:
            page = self._pages(request)
        except Exception:
            _logger.exception("one of the stack's own pages failed")
            return gateway_answer(HTTPStatus.INTERNAL_SERVER_ERROR)
        if page is not None:
            return page
        for pattern, route, pool in self._routes:
            match = pattern.fullmatch(request.path)
            if match and route.method in {request.method, "ANY"}:
                return self._explain(request, self._invoke(request, route, pool, match.groupdict()))
        return gateway_answer(HTTPStatus.NOT_FOUND)

    def _invoke(self, request: Request, route: Route, pool: FunctionPool, parameters: dict[str, str]) -> Answer:
        try:
            result = pool.invoke(http_event(request, route.key, parameters), wait_seconds=_INTEGRATION_SECONDS)
        except Throttled:
            return gateway_answer(HTTPStatus.SERVICE_UNAVAILABLE)
        except InvocationError as error:
            too_large = error.reason == "RequestEntityTooLarge"
            return gateway_answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.INTERNAL_SERVER_ERROR
            )
        answer = http_answer(result)
        _logger.info("%s %s", route.key, answer.status)
        return answer


def _specificity(route: tuple[re.Pattern[str], Route, FunctionPool]) -> tuple[bool, int]:
    """Sort key: the gateway prefers full matches, then parameters, `$default` last."""
    return not route[1].path, route[1].path.count("{")


def _pattern(path: str) -> re.Pattern[str]:
    """Turn `/forms/{form_id}` into a pattern; `{proxy+}` matches the rest of the path, `$default` everything."""
    if not path:
        return re.compile(".*", re.DOTALL)
    parts = re.split(r"\{(\w+\+?)\}", path)
    literals = map(re.escape, parts[::2])
    names = (f"(?P<{name[:-1]}>.+)" if name.endswith("+") else f"(?P<{name}>[^/]+)" for name in parts[1::2])
    return re.compile("".join(piece for pair in zip(literals, [*names, ""], strict=True) for piece in pair))


class _Handler(LoopbackHandler):
    protocol_version = "HTTP/1.1"
    server_version = "local"
    sys_version = ""
    timeout = 60
    server: HttpServer

    def serve(self) -> None:  # for every method: the routes decide which are allowed
        refusal = self._refusal()
        if refusal is not None:
            self.close_connection = True  # the body was not read
            self._write(refusal)
        else:
            self._write(self.server.api.answer(self._request()))

    def _refusal(self) -> Answer | None:
        if sum(len(name) + len(value) for name, value in self.headers.items()) > _HEADERS_LIMIT:
            return gateway_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large")
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            return gateway_answer(HTTPStatus.BAD_REQUEST)
        if int(length) > BODY_LIMIT:
            return gateway_answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return None

    def _request(self) -> Request:
        received_at = datetime.now(UTC)
        return Request(
            method=self.command,
            target=self.path,
            headers=tuple(self.headers.items()),
            body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
            source_ip=self.client_address[0],
            received_at=received_at,
            protocol=self.request_version,
        )

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.send_header("content-length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("connection", "close")  # else a client would send its next request on it
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


class HttpServer(LoopbackServer):
    """The server. It binds first and gets its API later, because other parts of the stack need its URL."""

    def __init__(self, port: int) -> None:
        """Bind a port, 0 for a free one.

        Raises:
            OSError: the port is taken.
        """
        super().__init__(port, _Handler)
        self.api: Api

    def serve_api(self, api: Api) -> None:
        """Start to answer requests."""
        self.api = api
        self.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a broken connection; most are clients that hung up."""
        _logger.warning("a connection ended early", exc_info=_logger.isEnabledFor(logging.DEBUG))
