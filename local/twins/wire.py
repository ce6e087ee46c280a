"""The HTTP/1.1 side of a twin: connections are kept alive, counted, and broken on demand."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local.loopback import LoopbackHandler, LoopbackServer
from local.twins.faults import Fault
from local.twins.messages import Answer, Request


@dataclass(frozen=True)
class Reply:
    """An answer, and the fault that its delivery meets."""

    answer: Answer
    fault: Fault | None = None


class TwinServer(LoopbackServer):
    """Serves one twin; to stop also ends the connections that callers keep alive."""

    def __init__(self, port: int, respond: Callable[[Request], Reply], stopping: threading.Event) -> None:
        self.respond = respond
        self.stopping = stopping
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(port, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection for as long as it is open."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:
        """Stop listening and end every open connection, as a stopped process does."""
        super().stop()
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connection(LoopbackHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75  # seconds a kept-alive connection may be idle
    server: TwinServer

    def serve(self) -> None:
        request = self._read()
        if request is None:
            self.close_connection = True
            return
        reply = self.server.respond(request)
        fault = reply.fault.fault if reply.fault else ""
        if reply.fault and reply.fault.hangs_up:
            self.close_connection = True
            return
        message = _encoded(reply.answer)
        for part in _parts(message, reply, self.server.stopping):
            self.wfile.write(part)
        if fault in ("close_mid_body", "trickle"):
            self.close_connection = True

    def _read(self) -> Request | None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length or "Transfer-Encoding" in self.headers:
            return None
        target = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(target.path),
            query=parse_qs(target.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )


def _encoded(answer: Answer) -> bytes:
    length = {} if answer.status == HTTPStatus.NO_CONTENT else {"Content-Length": str(len(answer.body))}
    headers = {"Content-Type": answer.content_type, **answer.headers, **length}
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + answer.body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _parts(message: bytes, reply: Reply, stopping: threading.Event) -> Iterator[bytes]:
    """Yield the message whole, in half, or head first and then byte by byte."""
    head_size = message.index(b"\r\n\r\n") + 4
    match reply.fault.fault if reply.fault else "":
        case "close_mid_body":
            yield message[: head_size + (len(message) - head_size) // 2]
        case "trickle" if reply.fault:
            yield message[:head_size]
            for place in range(head_size, len(message)):
                if stopping.wait(reply.fault.seconds):
                    return
                yield message[place : place + 1]
        case _:
            yield message
