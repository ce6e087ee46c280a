"""Fail fast: how long a call to AWS may take, and what hung is not asked again for a while.

A sign-up makes several calls to DynamoDB. When it hangs, the first call finds that out, and the others fail at once:
the visitor is waiting, and SQS is there to hold the sign-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, ReadTimeoutError

CONNECT_SECONDS, READ_SECONDS = 1.0, 1.5
"""In one region these services answer in milliseconds; botocore's 60 seconds would outlast the caller."""

MAX_CONNECTIONS = 50

AWS_CALLS = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=MAX_CONNECTIONS,
)
"""For boto3's own clients."""

LONGEST_CALL_SECONDS = 6.0
"""Two attempts, each of a second to connect and 1.5 s to read, and the pause between them ("Retry behavior", standard
mode: up to a second)."""

COOL_OFF_SECONDS = 5.0
"""For how long a service that hung is not asked. Sign-ups are queued meanwhile, which costs them seconds."""


class ServiceUnresponsive(BotoCoreError):
    """Raised instead of a call to a service that hung a moment ago."""

    fmt = "not asked: this service hung a moment ago"


class FailFast:
    """Watches the clients of one service: one hangs, all fail at once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until = float("-inf")

    def check(self) -> None:
        """Let a call be made.

        Raises:
            ServiceUnresponsive: one has hung a moment ago.
        """
        if self._monotonic() < self._until:
            raise ServiceUnresponsive

    def note(self, error: Exception) -> None:
        """Remember that a call has hung, if that is what the error says."""
        if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
            self._until = self._monotonic() + COOL_OFF_SECONDS

    def watch(self, client: BaseClient) -> None:
        """Watch one of boto3's clients, by botocore's events ("Extensibility guide")."""
        client.meta.events.register("before-call", lambda **_: self.check())
        client.meta.events.register("after-call-error", lambda exception, **_: self.note(exception))
