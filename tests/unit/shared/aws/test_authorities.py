"""New connections of boto3: the authorities are read once, and still decide who is trusted."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from botocore import httpsession

from shared.aws.authorities import MAKER, read_authorities_once
from tests.support.certificate import certificate_of_loopback
from tests.support.paths import ROOT

ANSWER = b"HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"

TWO_CALLS_OF_EACH_CLIENT = """
import json, ssl
from botocore.config import Config
from botocore.exceptions import SSLError

read, said, load = [], [], ssl.SSLContext.load_verify_locations
ssl.SSLContext.load_verify_locations = lambda context, *files: (read.append(files[0]), load(context, *files))[1]
from shared.aws import clients
clients.AWS_CALLS = clients.AWS_CALLS.merge(Config(connect_timeout=60, read_timeout=60))  # as a busy machine may need

for call in [clients.dynamodb().list_tables, clients.secrets_manager().list_secrets, clients.sqs().list_queues] * 2:
    try:
        call()
        said.append("answered")
    except SSLError:
        said.append("not trusted")
print(json.dumps([read, said]))
"""
"""Which lists are read, and what comes of the calls, in a process of its own: what changes in botocore stays there."""


class Server:
    """A service of AWS over TLS, which closes each connection after one answer."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = certificate_of_loopback(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with closing(connection), suppress(OSError), self._context.wrap_socket(connection, server_side=True) as tls:
                read_request(tls)
                tls.sendall(ANSWER)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread; to close alone would not
        self._listener.close()


def read_request(tls: ssl.SSLSocket) -> None:
    """Read all of it: a connection that is closed with something unread is reset, and may take the answer along."""
    with tls.makefile("rb") as reader:
        headers = dict(line.lower().split(b":", 1) for line in iter(reader.readline, b"\r\n") if b":" in line)
        reader.read(int(headers[b"content-length"]))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


def two_calls_of_each_client(url: str, bundle: Path) -> Any:
    """Return the lists of authorities that were read, and what came of the six calls."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_ENDPOINT_URL": url,
        "AWS_CA_BUNDLE": str(bundle),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    command = [sys.executable, "-P", "-c", TWO_CALLS_OF_EACH_CLIENT]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(said)


def test_further_connections_of_any_client_read_no_list_again(server: Server) -> None:
    read, said = two_calls_of_each_client(server.url, server.certificate)

    assert said == ["answered"] * 6
    assert read == [str(server.certificate)]


def test_who_is_not_on_the_list_is_not_trusted(server: Server, tmp_path: Path) -> None:
    (tmp_path / "another").mkdir()
    another, _ = certificate_of_loopback(tmp_path / "another")

    read, said = two_calls_of_each_client(server.url, another)

    assert said == ["not trusted"] * 6
    assert read == [str(another)]


def test_a_botocore_that_says_what_its_contexts_shall_be_gets_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpsession, MAKER, getattr(httpsession, MAKER))  # as it was, after the test

    read_authorities_once()
    make = getattr(httpsession, MAKER)

    assert make(cert_reqs=ssl.CERT_NONE).verify_mode == ssl.CERT_NONE
    assert make().verify_mode == ssl.CERT_REQUIRED


def test_a_botocore_that_makes_its_contexts_elsewhere_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(httpsession, MAKER)

    read_authorities_once()

    assert not hasattr(httpsession, MAKER)
