"""A captcha verifier on loopback: answers what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from typing import Any
from urllib.parse import parse_qs

from local.loopback import LoopbackHandler, LoopbackServer


class Verifier(LoopbackServer):
    def __init__(self) -> None:
        super().__init__(0, _Handler)
        self.url += "/siteverify"
        self.answer: Any = {"success": True}
        self.status = 200
        self.released = threading.Event()
        self.released.set()
        self.asked: list[dict[str, list[str]]] = []

    def stop(self) -> None:
        self.released.set()
        super().stop()


class _Handler(LoopbackHandler):
    server: Verifier

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.asked.append(parse_qs(body))
        self.server.released.wait(10)
        content = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
