"""A Lambda sandbox: AWS's own runtime client in a process, and the Runtime API that it asks for work.

Sources: "Using the Lambda runtime API" and "Lambda execution environment lifecycle". The process starts as in Lambda's
INIT phase; its first request for work ends that phase. What Lambda adds around it (the micro-VM, the network) is not in
the times.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TIMEOUT_SECONDS = 60.0

_PROCESS_CLOCK = 2
"""Of a process, by its id: what `clock_getcpuclockid` returns on Linux."""


@dataclass(frozen=True)
class Answered:
    """An invocation's answer and how long it took."""

    payload: Any
    seconds: float


class Sandbox:
    """One execution environment. Entering it waits for the end of INIT, `init_seconds` after the start."""

    def __init__(self, python: Path, handler: str, code: Path, variables: dict[str, str]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_SECONDS)
        self._started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603  our own command
            [str(python), "-P", "-m", "awslambdaric", handler],
            env=_environment(code, self._listener.getsockname()[1], handler, variables),
            cwd=code,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._number = 0

    def __enter__(self) -> Self:
        """Wait until the function asks for its first event."""
        try:
            connection, _ = self._listener.accept()
            connection.settimeout(TIMEOUT_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection, self._reader = connection, connection.makefile("rb")
            path, body = self._request()
            self.init_seconds = time.perf_counter() - self._started
            assert path.endswith("/next"), body
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self._connection.close()
        self._end()

    def invoke(self, event: dict[str, Any]) -> Answered:
        """Hand over an event and wait for the answer."""
        self._number += 1
        content = json.dumps(event).encode()
        started = time.perf_counter()
        deadline_ms = int((time.time() + TIMEOUT_SECONDS) * 1000)
        self._respond(
            content,
            f"Lambda-Runtime-Aws-Request-Id: {self._number}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n",
        )
        path, body = self._request()
        seconds = time.perf_counter() - started
        self._respond(b'{"status":"OK"}')
        assert path.endswith("/response"), body
        next_path, _ = self._request()
        assert next_path.endswith("/next"), next_path
        return Answered(json.loads(body), seconds)

    @property
    def cpu_seconds(self) -> float:
        """What the process has used of the processor since its start, ended threads included."""
        return time.clock_gettime((~self._process.pid << 3) | _PROCESS_CLOCK)

    @property
    def peak_megabytes(self) -> float:
        """The most memory that the process has held."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        return int(peak) / 1024

    def _request(self) -> tuple[str, bytes]:
        """Read one request of the runtime client, which keeps its connection."""
        line = self._reader.readline()
        assert line, "the function's process has ended"
        headers = dict(_headers(self._reader))
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(_chunks(self._reader))
        else:
            body = self._reader.read(int(headers.get("content-length", 0)))
        return line.decode().split(" ")[1], body

    def _respond(self, content: bytes, headers: str = "") -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        self._connection.sendall(head.encode() + content)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.close()


def _headers(reader: BufferedReader) -> Any:
    while (line := reader.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()


def _chunks(reader: BufferedReader) -> Any:
    while size := int(reader.readline(), 16):
        yield reader.read(size)
        reader.readline()
    reader.readline()


def _environment(code: Path, port: int, handler: str, variables: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "LAMBDA_TASK_ROOT": str(code),
        "_HANDLER": handler,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "LEDGER_TABLE": "ledger",
        **variables,
    }
