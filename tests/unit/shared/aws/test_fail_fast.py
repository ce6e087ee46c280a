from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.aws.fail_fast import COOL_OFF_SECONDS, FailFast, ServiceUnresponsive
from tests.support.clock import Clock
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SILENCE = b""
ERROR = b"HTTP/1.1 500 x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"
TABLES = b'HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 17\r\n\r\n{"TableNames":[]}'


class Service:
    """Answers every connection with `answer`; with nothing at all when that is empty."""

    def __init__(self) -> None:
        self.answer = SILENCE
        self.calls = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            self._open.append(connection)
            if self.answer:
                connection.recv(65536)
                connection.sendall(self.answer)
                connection.close()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread; to close alone would not
        self._listener.close()
        for connection in self._open:
            connection.close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def _client(service: Service, patience: float = 20) -> DynamoDBClient:
    return boto3.client(
        "dynamodb",
        endpoint_url=service.url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(read_timeout=patience, retries={"total_max_attempts": 2, "mode": "standard"}),
    )


def test_after_one_call_hung_no_client_of_the_service_asks_for_a_while(service: Service, clock: Clock) -> None:
    fail_fast = FailFast(clock)
    one, other = _client(service, patience=0.2), _client(service)
    fail_fast.watch(one)
    fail_fast.watch(other)
    with pytest.raises(ReadTimeoutError):
        one.list_tables()
    eventually(lambda: service.calls == 2)
    for client in (one, other):
        with pytest.raises(ServiceUnresponsive, match="hung a moment ago"):
            client.list_tables()
    assert service.calls == 2
    service.answer = TABLES
    clock.advance(COOL_OFF_SECONDS)
    assert other.list_tables()["TableNames"] == []


def test_a_service_that_answers_errors_is_asked_again(service: Service, clock: Clock) -> None:
    client = _client(service)
    FailFast(clock).watch(client)
    service.answer = ERROR
    for _ in range(2):
        with pytest.raises(ClientError):
            client.list_tables()
    assert service.calls == 4
