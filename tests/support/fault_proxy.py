"""A proxy that stands in front of one local AWS service and breaks it on demand.

A client reaches it by the service's own variable, such as `AWS_ENDPOINT_URL_DYNAMODB`
("Service-specific endpoints", AWS SDKs and Tools Reference Guide):

    with FaultProxy(services.url) as proxy:
        proxy.set(Fault("hang"))
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from local.loopback import LoopbackHandler, LoopbackServer

Kind = Literal[
    "fail",  # answer 500; the service is not asked
    "reset",  # reset the connection; the service is not asked
    "lose",  # ask the service, then reset the connection instead of answering
    "hang",  # say nothing; the service is not asked
    "slow",  # answer after `seconds`
]

_SERVER_ERROR = b'{"__type":"com.amazonaws#InternalServerError","message":"on demand"}'
_NOT_PASSED_ON = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, for calls whose operation (`DynamoDB_20120810.PutItem`) contains `operation`."""

    kind: Kind
    operation: str = ""
    skip: int = 0
    """Matching calls to leave alone first."""
    seconds: float = 1.0
    """Of a slow answer."""


class FaultProxy(LoopbackServer):
    """One service seen through a network that may break: a context manager."""

    def __init__(self, upstream: str) -> None:
        """Listen on a free port; pass everything on until a fault is set."""
        super().__init__(0, _Handler)
        self._fault: Fault | None = None
        self._skipped = 0
        self._lock = threading.Lock()
        self.calls = 0
        """Requests that came, broken ones among them."""
        self.over = threading.Event()
        self.upstream = urlsplit(upstream).netloc

    def stop(self) -> None:
        """Let nobody wait any more."""
        self.over.set()
        super().stop()

    def set(self, fault: Fault | None) -> None:
        """Break the service from now on, or mend it."""
        with self._lock:
            self._fault, self._skipped = fault, 0

    def meets(self, operation: str) -> Fault | None:
        """Count a call, and tell what happens to it."""
        with self._lock:
            self.calls += 1
            if self._fault is None or self._fault.operation not in operation:
                return None
            self._skipped += 1
            return self._fault if self._skipped > self._fault.skip else None


class _Handler(LoopbackHandler):
    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def serve(self) -> None:
        proxy = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fault = proxy.meets(self.headers.get("X-Amz-Target", ""))
        match fault.kind if fault else None:
            case "fail":
                self._answer(500, {"Content-Type": "application/x-amz-json-1.0"}, _SERVER_ERROR)
                return
            case "reset":
                self._reset()
                return
            case "hang":
                proxy.over.wait(60)
                self.close_connection = True
                return
            case "slow" if fault is not None:
                proxy.over.wait(fault.seconds)
        status, headers, content = self._ask(body)
        if fault is not None and fault.kind == "lose":
            self._reset()
        else:
            self._answer(status, headers, content)

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
            return answer.status, headers, answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reset(self) -> None:
        """End the connection with a reset rather than a farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()
        self.close_connection = True
