"""The transport over real sockets: one total deadline, whatever the vendor does with each single byte."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpcore
import httpx
import pytest

from shared.deadline import Deadline
from shared.errors import OutcomeUnknown, Unavailable
from shared.http.call import Call, Effect, Reply
from shared.http.deadline_transport import DeadlineTransport, deadline_of_this_call
from shared.http.vendor_http import VendorHttp
from tests.support.certificate import certificate_of_loopback, tls_of
from tests.support.loopback_server import server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"
OK = HEAD + b'{"a":1}'
DEADLINE = 0.4
LATEST = 5.0
"""Seconds by which a call must have ended for certain, on a busy machine too."""


@pytest.fixture
def transport() -> Iterator[DeadlineTransport]:
    with closing(DeadlineTransport(ssl.create_default_context())) as transport:
        yield transport


def call(
    transport: DeadlineTransport,
    url: str,
    effect: Effect = Effect.WRITE,
    body: object = None,
    seconds: float = DEADLINE,
) -> Reply:
    http = VendorHttp(transport)
    return http.send(Call("fake", "create contact", "POST", url, effect, body=body), Deadline.after(seconds))


def call_at_leisure(transport: DeadlineTransport, url: str) -> Reply:
    """Make a call that is about something else than its deadline."""
    return call(transport, url, seconds=LATEST)


def seconds_until(error: type[Exception], action: Callable[[], object]) -> float:
    started = time.monotonic()
    with pytest.raises(error):
        action()
    return time.monotonic() - started


def seconds_until_cut(
    transport: DeadlineTransport,
    serve: Callable[[socket.socket, threading.Event], None],
    body: object = None,
    seconds: float = DEADLINE,
) -> float:
    """Return how long a write lasts that `serve` never answers whole.

    Its connection is open already: on a busy machine that alone may take until the deadline.
    """

    def serve_second(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(OK)
        serve(connection, over)

    with server(serve_second) as port:
        url = f"http://127.0.0.1:{port}/"
        call_at_leisure(transport, url)
        return seconds_until(OutcomeUnknown, lambda: call(transport, url, body=body, seconds=seconds))


def trickle(content: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Answer with a byte at a time, each well within any limit that counts single operations."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        for byte in content * 100:
            connection.sendall(bytes([byte]))
            if over.wait(0.05):
                return

    return serve


# The deadline.


@pytest.mark.parametrize("content", [HEAD + b" " * 7, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b" " * 900])
def test_a_vendor_that_trickles_its_answer_is_cut_at_the_deadline(content: bytes, transport: DeadlineTransport) -> None:
    assert DEADLINE <= seconds_until_cut(transport, trickle(content)) < LATEST


def test_a_body_that_trickles_after_a_prompt_head_is_cut_at_the_deadline(transport: DeadlineTransport) -> None:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while not over.wait(0.05):
            connection.sendall(b" ")

    assert DEADLINE <= seconds_until_cut(transport, serve) < LATEST


def test_a_vendor_that_never_answers_is_cut_at_the_deadline(transport: DeadlineTransport) -> None:
    assert DEADLINE <= seconds_until_cut(transport, lambda _, over: void(over.wait(30))) < LATEST


def test_a_read_that_is_never_answered_is_cut_at_the_deadline(transport: DeadlineTransport) -> None:
    with server(lambda _, over: void(over.wait(30))) as port:
        spent = seconds_until(Unavailable, lambda: call(transport, f"http://127.0.0.1:{port}/", Effect.READ))
    assert DEADLINE <= spent < LATEST


def test_a_vendor_that_does_not_read_is_cut_at_the_deadline(transport: DeadlineTransport) -> None:
    large = "x" * 16 * 1024 * 1024  # more than the kernel takes for a reader to come; to encode it takes a while too
    spent = seconds_until_cut(transport, lambda _, over: void(over.wait(30)), body=large, seconds=2)
    assert 2 <= spent < LATEST


def test_a_tls_handshake_that_never_ends_is_cut_at_the_deadline_and_wrote_nothing(
    transport: DeadlineTransport,
) -> None:
    with server(lambda _, over: void(over.wait(30))) as port:
        spent = seconds_until(Unavailable, lambda: call(transport, f"https://127.0.0.1:{port}/"))
    assert DEADLINE <= spent < LATEST


def test_a_deadline_that_passes_between_two_operations_ends_the_call() -> None:
    now = [0.0]

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(OK)

    def body() -> Iterator[bytes]:
        yield b"first"
        now[0] = 10
        yield b"second"

    with server(serve) as port, closing(DeadlineTransport(ssl.create_default_context())) as transport:
        request = httpx.Request("POST", f"http://127.0.0.1:{port}/", content=body())
        with deadline_of_this_call(Deadline(5, lambda: now[0])), pytest.raises(httpx.WriteTimeout):
            transport.handle_request(request)


def test_a_name_that_takes_long_to_resolve_is_cut_at_the_deadline_and_a_late_connection_closed() -> None:
    resolved, closed = threading.Event(), threading.Event()

    class LateStream(httpcore.NetworkStream):
        def close(self) -> None:
            closed.set()

    class SlowNames(httpcore.NetworkBackend):
        def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
            resolved.wait(30)
            return LateStream()

    with closing(DeadlineTransport(ssl.create_default_context(), network=SlowNames())) as transport:
        spent = seconds_until(Unavailable, lambda: call(transport, "http://slow.example.com/"))
        assert DEADLINE <= spent < LATEST
        resolved.set()
        assert closed.wait(LATEST)


def void(_: object) -> None:
    """Make a statement of an expression."""


# Connections.


def counting(connections: list[int]) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        connections.append(1)
        connection.settimeout(LATEST)
        while connection.recv(65_536):
            connection.sendall(OK)

    return serve


def test_a_connection_is_used_again(transport: DeadlineTransport) -> None:
    connections: list[int] = []
    with server(counting(connections)) as port:
        assert [call_at_leisure(transport, f"http://127.0.0.1:{port}/").body for _ in range(3)] == [{"a": 1}] * 3
        transport.close()
    assert len(connections) == 1


def test_a_connection_that_the_vendor_dropped_in_between_costs_nothing(transport: DeadlineTransport) -> None:
    dropped = threading.Semaphore(0)

    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(OK)
        connection.close()
        dropped.release()

    with server(serve) as port:
        for _ in range(3):
            assert call_at_leisure(transport, f"http://127.0.0.1:{port}/").body == {"a": 1}
            assert dropped.acquire(timeout=LATEST)


def test_a_port_that_nobody_listens_on_wrote_nothing(transport: DeadlineTransport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="ConnectError"):
        call_at_leisure(transport, f"http://127.0.0.1:{port}/")


def test_an_answer_that_breaks_off_is_a_lost_one(transport: DeadlineTransport) -> None:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(HEAD + b"{")

    with server(serve) as port, pytest.raises(OutcomeUnknown, match="RemoteProtocolError"):
        call_at_leisure(transport, f"http://127.0.0.1:{port}/")


# TLS.


def test_a_certificate_is_checked_and_a_good_one_accepted(tmp_path: Path) -> None:
    certificate, key = certificate_of_loopback(tmp_path)
    theirs = tls_of(certificate, key)
    ours = ssl.create_default_context()
    with server(counting([]), theirs) as port, closing(DeadlineTransport(ours)) as transport:
        with pytest.raises(Unavailable, match="ConnectError"):
            call_at_leisure(transport, f"https://127.0.0.1:{port}/")
        ours.load_verify_locations(certificate)
        assert call_at_leisure(transport, f"https://127.0.0.1:{port}/").body == {"a": 1}
