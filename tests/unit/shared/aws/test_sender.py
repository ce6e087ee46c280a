"""What no answer is called, over real sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError, SSLError

from shared.aws import sender
from shared.aws.sender import PooledSender

ANSWER = b"HTTP/1.1 200 x\r\nx-amzn-query-error: code;Sender\r\ncontent-length: 2\r\n\r\n{}"


@contextmanager
def server(answer: bytes | None) -> Iterator[str]:
    """Answer each request on a port of its own; with None, keep silent."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                if answer is None:
                    done.wait(30)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        done.set()
        thread.join(30)


def ask(url: str) -> tuple[int, str, bytes]:
    headers = HTTPHeaders()
    headers["X-Amz-Target"] = "DynamoDB_20120810.GetItem"
    request = AWSPreparedRequest("POST", url, headers, b"{}", stream_output=False)
    return PooledSender(url, ssl.create_default_context()).send(request)


def test_an_answer_arrives() -> None:
    with server(ANSWER) as address:
        assert ask(f"http://{address}/") == (200, "code;Sender", b"{}")


def test_silence_is_a_read_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "READ_SECONDS", 0.2)
    with server(None) as address, pytest.raises(ReadTimeoutError):
        ask(f"http://{address}/")


def test_a_connection_that_ends_is_a_closed_one() -> None:
    with server(b"") as address, pytest.raises(ConnectionClosedError):
        ask(f"http://{address}/")


def test_a_port_where_nobody_listens_is_no_connection() -> None:
    with pytest.raises(EndpointConnectionError):
        ask("http://127.0.0.1:9/")


def test_an_address_that_does_not_speak_tls_is_not_trusted() -> None:
    with server(ANSWER) as address, pytest.raises(SSLError):
        ask(f"https://{address}/")
