"""A website and the relay on one address, for what asks both over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

from local.loopback import LoopbackHandler, LoopbackServer
from tests.support.relay import Relay


@dataclass
class Page:
    """What the website answers at a path."""

    content: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


class WebSite(LoopbackServer):
    """Serves `pages` by path; every other path is the relay's."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(0, _Visit)
        self.relay = relay
        self.pages: dict[str, Page] = {}


class _Visit(LoopbackHandler):
    server: WebSite

    def serve(self) -> None:
        page = self.server.pages.get(self.path) or self._relays_answer()
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.content)))
        self.end_headers()
        self.wfile.write(page.content)

    def _relays_answer(self) -> Page:
        headers = {name.lower(): value for name, value in self.headers.items()}
        content = self.rfile.read(int(headers.get("content-length", "0")))
        answer = self.server.relay.request(self.command, self.path, content, headers)
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return Page(answer.text.encode(), answer.status, kept)
