"""An httpx transport that obeys one total deadline.

httpx limits each phase of a request, and a vendor that sends one byte a second never exceeds a phase. Here every
single socket operation is given only what is left of the deadline. The seam is documented: httpcore "Network
backends".
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import Any

import httpcore
import httpx

from shared.deadline import Deadline

_deadline: ContextVar[Deadline] = ContextVar("deadline")

IDLE_SECONDS = 30.0
"""How long an unused connection is kept. A frozen Lambda environment drops it later than that anyway."""


@contextmanager
def deadline_of_this_call(deadline: Deadline) -> Generator[None]:
    """Bind `deadline` to every socket operation that the current thread makes inside the block."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's own transport whose socket operations obey the deadline of `deadline_of_this_call`."""

    def __init__(
        self, tls: ssl.SSLContext, max_connections: int = 50, network: httpcore.NetworkBackend | None = None
    ) -> None:
        super().__init__(verify=tls)
        # httpx offers no way to hand over a network backend; its version is pinned, and a test meets this line.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_DeadlineBackend(network or httpcore.SyncBackend()),
        )


def deadline_client() -> httpx.Client:
    """Return a client over a `DeadlineTransport`, with the system's trusted certificates."""
    return httpx.Client(transport=DeadlineTransport(ssl.create_default_context()))


class _DeadlineBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = min(_left(httpcore.ConnectTimeout), timeout or float("inf"))
        return _DeadlineStream(
            _within(left, lambda: self._inner.connect_tcp(host, port, left, local_address, socket_options))
        )


def _within(seconds: float, connect: Callable[[], httpcore.NetworkStream]) -> httpcore.NetworkStream:
    """Connect in a thread that can be left behind: the name is resolved first, which knows no timeout."""
    connected: Future[httpcore.NetworkStream] = Future()

    def run() -> None:
        try:
            connected.set_result(connect())
        except Exception as error:  # noqa: BLE001  raised again below, in the caller's thread
            connected.set_exception(error)

    Thread(target=run, name="connect", daemon=True).start()
    try:
        return connected.result(seconds)
    except TimeoutError:
        connected.add_done_callback(_close_late)
        raise httpcore.ConnectTimeout("not connected in time") from None


def _close_late(connected: Future[httpcore.NetworkStream]) -> None:
    if connected.exception() is None:
        connected.result().close()


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(expired: type[httpcore.TimeoutException]) -> float:
    remaining = _deadline.get().remaining
    if remaining <= 0:
        raise expired("the call's deadline has passed")
    return remaining
