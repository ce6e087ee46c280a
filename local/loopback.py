"""The base of all HTTP servers on loopback: the API, the vendors' twins and those of the tests."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self


class LoopbackServer(ThreadingHTTPServer):
    """A server with a thread per connection. `url` is known at once; it answers after `start` or in a `with` block."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[LoopbackHandler]) -> None:
        """Bind; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        super().__init__(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._serving = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def server_bind(self) -> None:
        """Bind without http.server's reverse look-up of the host name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def start(self) -> None:
        """Start to accept connections."""
        self._serving.start()

    def stop(self) -> None:
        """Stop accepting connections."""
        if self._serving.is_alive():
            ending = threading.Thread(target=self.shutdown)
            ending.start()
            # The loop looks up only when somebody connects, or after its poll interval.
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.server_port), timeout=1).close()
            ending.join()
            self._serving.join()
        self.server_close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""
        self.stop()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up; print anything else as http.server does."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class LoopbackHandler(BaseHTTPRequestHandler):
    """Calls `serve` for every request, of any method."""

    disable_nagle_algorithm = True  # or the body would wait until the head is acknowledged

    def serve(self) -> None:
        """Answer the current request."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        """Return `serve` for `do_GET`, `do_POST` and so on, which http.server looks up."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing: a request line may contain personal data."""
