"""The world around a visitor's browser: a website with forms, and a road to the relay that can be cut."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import httpx

Fault = Literal["cut before", "cut after", "throttled", "unavailable"]
"""The connection ends before or after the relay took the request, or the gateway itself answers 429 or 503."""


class Server(ThreadingHTTPServer):
    """A server on a free port of this machine, in a thread of its own."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is none of ours."""


class Website(Server):
    """Serves pages from memory, with a strict policy: scripts, calls and forms go to the relay only."""

    def __init__(self) -> None:
        super().__init__(_Page)
        self.pages: dict[str, str] = {}
        self.policy = ""


class _Page(BaseHTTPRequestHandler):
    server: Website

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write((page or "").encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


@dataclass(frozen=True)
class Passed:
    """A request that came along the road; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class Road(Server):
    """Hands requests on to the relay; of the next `POST`s each meets a fault while `faults` holds any."""

    def __init__(self) -> None:
        super().__init__(_Carrier)
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


class _Carrier(BaseHTTPRequestHandler):
    # HTTP/1.0, one request a connection: a browser repeats by itself what fails on a connection used before.
    server: Road

    def _carry(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", "0")))
        self.server.passed.append(Passed(self.command, self.path, headers, content))
        time.sleep(self.server.pauses.get(self.command, 0))
        fault = self.server.faults.popleft() if self.command == "POST" and self.server.faults else None
        if fault == "throttled":
            return self._answer(429, {"content-type": "application/json"}, b'{"message":"Too Many Requests"}')
        if fault == "unavailable":
            return self._answer(503, {"content-type": "application/json"}, b'{"message":"Service Unavailable"}')
        if fault == "cut before":
            return None
        answer = self._ask(headers, content)
        if fault == "cut after":
            return None
        return self._answer(answer.status_code, answer.headers, answer.content)

    do_GET = do_POST = do_OPTIONS = _carry  # noqa: N815  the base class's names

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

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""
