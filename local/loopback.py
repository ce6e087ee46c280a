"""HTTP servers on loopback: what the front, the vendors' twins and the faulty road to AWS have in common."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self


class LoopbackServer(ThreadingHTTPServer):
    """A thread per connection; `url` is known as soon as it exists, answers come from `start` or a `with` on."""

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
        """Bind without the reverse look-up of the host's name that http.server makes."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def start(self) -> None:
        """Accept connections from now on."""
        self._serving.start()

    def stop(self) -> None:
        """Accept nothing more."""
        if self._serving.is_alive():
            self.shutdown()
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
        """Pass over callers that hang up; print anything else as http.server does."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class LoopbackHandler(BaseHTTPRequestHandler):
    """Has `serve` answer every request, whatever its method."""

    disable_nagle_algorithm = True  # head and body are written apart; the body must not wait for an acknowledgement

    def serve(self) -> None:
        """Answer the request that was read."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        """Find `serve` where http.server looks for `do_GET`, `do_POST` and so on."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a request line may carry what a visitor typed."""
