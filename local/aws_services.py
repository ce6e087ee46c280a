"""Runs ministack, a stand-in for SQS, DynamoDB and Secrets Manager, on this machine.

It pins dependencies that conflict with the project's, so uv installs it in an environment of its own, on first use.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.lambdas import lifeline
from local.template import ACCOUNT, REGION
from local.uv import find_uv

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

PACKAGE = "ministack[full]==1.5.33"
_READY_SECONDS = 30


class ServicesError(Exception):
    """The local AWS services cannot be installed or started; the message says what to do."""


@dataclass(frozen=True)
class AwsClients:
    """Clients of the local services."""

    sqs: SQSClient
    dynamodb: DynamoDBClient
    secrets: SecretsManagerClient


class AwsServices:
    """The running services; `url` is their `AWS_ENDPOINT_URL`."""

    def __init__(
        self,
        line: lifeline.Lifeline,
        log: IO[bytes] | None,
        scratch: Path,
        port: int = 0,
        *,
        services: str = "dynamodb,secretsmanager,sqs",
    ) -> None:
        """Install ministack if necessary, start it on loopback and wait until it answers; no `services` are all.

        Raises:
            ServicesError: it cannot be installed, or does not answer.
        """
        port = port or _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [_installed_python(), lifeline.__file__, str(line.fd), "ministack"],
            env=_variables(port, scratch, services),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(line.fd,),
            process_group=0,  # Ctrl-C must reach only the stack
        )
        self._wait_until_ready()

    def clients(self) -> AwsClients:
        """Return clients of these services."""
        session = boto3.Session("local", "local", region_name=REGION)
        config = Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 2, "mode": "standard"})
        options: dict[str, Any] = {"endpoint_url": self.url, "config": config}
        return AwsClients(
            session.client("sqs", **options),
            session.client("dynamodb", **options),
            session.client("secretsmanager", **options),
        )

    def stop(self) -> None:
        """Kill it; its data is lost."""
        self._process.kill()
        self._process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2):  # noqa: S310 - http
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop()
        raise ServicesError(f"the local AWS services did not come up on {self.url}; see the log above")


def _variables(port: int, scratch: Path, services: str) -> dict[str, str]:
    chosen = {"SERVICES": services} if services else {}
    return {
        **chosen,
        "BIND_HOST": "127.0.0.1",
        "DOCKER_HOST": f"unix://{scratch}/no-docker.sock",  # otherwise it removes containers that look like its own
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "PATH": os.environ["PATH"],
        "TMPDIR": str(scratch),
    }


def _installed_python() -> str:
    """Let uv install ministack and return its interpreter; uv prints its progress."""
    uv = find_uv(os.environ)
    if uv is None:
        raise ServicesError("uv is neither on PATH nor in .tools: `make setup` installs it")
    command = [uv, "tool", "run", "--python", sys.executable, "--from", PACKAGE]
    print_python = ["python", "-c", "import sys; print(sys.executable)"]
    found = subprocess.run([*command, *print_python], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode != 0:
        raise ServicesError(f"{PACKAGE} could not be installed; see uv's message above")
    return found.stdout.strip()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
