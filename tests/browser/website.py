"""The world around a visitor's browser: a website with forms, and a road to the relay that can be cut."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx

from local.loopback import LoopbackHandler, LoopbackServer

Fault = Literal["cut before", "cut after", "throttled", "throttled for an hour", "unavailable"]
"""The connection ends before or after the relay took the request, or the gateway itself answers 429 or 503; or the
answer is that of a relay whose limit is reached for an hour."""

LIMIT_REACHED = {
    "content-type": "application/problem+json",
    "retry-after": "3600",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Retry-After",
}


class Website(LoopbackServer):
    """Serves pages from memory, with a strict policy: scripts, calls and forms go to the relay only."""

    def __init__(self) -> None:
        super().__init__(0, _Page)
        self.pages: dict[str, str] = {}
        self.policy = ""


class _Page(LoopbackHandler):
    server: Website

    def serve(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write((page or "").encode())


@dataclass(frozen=True)
class Passed:
    """A request that came along the road; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class Road(LoopbackServer):
    """Hands requests on to the relay; of the next `POST`s each meets a fault while `faults` holds any."""

    def __init__(self) -> None:
        super().__init__(0, _Carrier)
        self.target = ""
        self.faults: deque[Fault] = deque()
        self.passed: list[Passed] = []
        self.pauses: dict[str, float] = {}
        """Method → seconds that each such request is on its way."""

    def posts(self) -> list[Passed]:
        return [each for each in self.passed if each.method == "POST"]

    def keys(self) -> list[str | None]:
        """The idempotency key of each sign-up that was tried, None for one without."""
        return [each.headers.get("idempotency-key") for each in self.posts()]


class _Carrier(LoopbackHandler):
    # HTTP/1.0, one request a connection: a browser repeats by itself what fails on a connection used before.
    server: Road

    def serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", "0")))
        self.server.passed.append(Passed(self.command, self.path, headers, content))
        time.sleep(self.server.pauses.get(self.command, 0))
        fault = self.server.faults.popleft() if self.command == "POST" and self.server.faults else None
        if fault == "throttled":
            return self._answer(429, {"content-type": "application/json"}, b'{"message":"Too Many Requests"}')
        if fault == "throttled for an hour":
            return self._answer(429, LIMIT_REACHED, b'{"detail":"Please wait a moment and try again."}')
        if fault == "unavailable":
            return self._answer(503, {"content-type": "application/json"}, b'{"message":"Service Unavailable"}')
        if fault == "cut before":
            return None
        answer = self._ask(headers, content)
        if fault == "cut after":
            return None
        return self._answer(answer.status_code, answer.headers, answer.content)

    def _ask(self, headers: Mapping[str, str], content: bytes) -> httpx.Response:
        with httpx.Client(timeout=30) as client:
            sent = {name: value for name, value in headers.items() if name not in {"connection", "content-length"}}
            return client.request(self.command, self.server.target + self.path, headers=sent, content=content)

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name not in {"connection", "content-length", "content-encoding", "transfer-encoding"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
