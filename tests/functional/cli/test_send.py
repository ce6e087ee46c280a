"""What `relay send` posts, and where it leads next."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator
from tests.support.relay import Relay


class Gateway(ThreadingHTTPServer):
    """Hands what is posted to the submit handler."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.relay = relay
        self.posted: list[Any] = []


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        answer = self.server.relay.post(self.path.removeprefix("/forms/"), content=body)
        self.send_response(HTTPStatus(answer.status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.text.encode())))
        self.end_headers()
        self.wfile.write(answer.text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture
def gateway(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    with Gateway(relay) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("RELAY_URL", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def test_the_next_command_is_told_for_the_deployment_that_was_sent_to(gateway: Gateway, operator: Operator) -> None:
    said = operator.run("--region", "us-east-1", "send", "newsletter")

    submission_id = said.out.split()[-1]
    assert said.code == 0
    assert said.err == f"what becomes of it: relay --region us-east-1 trace {submission_id}\n"


def test_every_box_is_ticked_and_can_be_unticked(gateway: Gateway, operator: Operator, relay: Relay) -> None:
    operator.run("send", "newsletter")
    given = len(relay.items("consent#"))
    operator.run("send", "newsletter", "--set", "news=false")

    assert [body["news"] for body in gateway.posted] == ["true", "false"]
    assert (given, len(relay.items("consent#"))) == (1, 1)
