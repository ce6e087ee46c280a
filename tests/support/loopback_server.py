"""A server on loopback whose every byte is a test's own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def server(serve: Callable[[socket.socket, threading.Event], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listen on loopback; `serve` handles each connection in a thread of its own, until the event is set."""
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        # That the client went away is what is tested.
        with suppress(OSError), connection, tls.wrap_socket(connection, server_side=True) if tls else connection as own:
            serve(own, over)

    def accept(listener: socket.socket) -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(2)
