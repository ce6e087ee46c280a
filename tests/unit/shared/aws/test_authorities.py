"""New connections of boto3: the authorities are read once, and still decide who is trusted."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore import httpsession

from shared.aws.authorities import MAKER, read_authorities_once
from tests.support.certificate import certificate_of_loopback, tls_of
from tests.support.loopback_server import server
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


def answer(connection: socket.socket, over: threading.Event) -> None:
    """Answer as a service of AWS that closes each connection after one answer.

    Reads all of the request: a connection that is closed with something unread is reset, and may take the answer along.
    """
    with connection.makefile("rb") as reader:
        headers = dict(line.lower().split(b":", 1) for line in iter(reader.readline, b"\r\n") if b":" in line)
        reader.read(int(headers[b"content-length"]))
    connection.sendall(ANSWER)


def two_calls_of_each_client(port: int, bundle: Path) -> Any:
    """Return the lists of authorities that were read, and what came of the six calls."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
        "AWS_CA_BUNDLE": str(bundle),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    command = [sys.executable, "-P", "-c", TWO_CALLS_OF_EACH_CLIENT]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(said)


def test_further_connections_of_any_client_read_no_list_again(tmp_path: Path) -> None:
    certificate, key = certificate_of_loopback(tmp_path)

    with server(answer, tls_of(certificate, key)) as port:
        read, said = two_calls_of_each_client(port, certificate)

    assert said == ["answered"] * 6
    assert read == [str(certificate)]


def test_who_is_not_on_the_list_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "another").mkdir()
    another, _ = certificate_of_loopback(tmp_path / "another")

    with server(answer, tls_of(*certificate_of_loopback(tmp_path))) as port:
        read, said = two_calls_of_each_client(port, another)

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
