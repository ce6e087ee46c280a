"""Fail fast: how long a call to AWS may take, and what hung is not asked again for a while.

A sign-up makes several calls to DynamoDB. When it hangs, the first call finds that out, and the others fail at once:
the visitor is waiting, and SQS is there to hold the sign-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, ReadTimeoutError

ATTEMPTS, CONNECT_SECONDS, READ_SECONDS = 2, 1.0, 1.5
"""In one region these services answer in milliseconds; botocore's 60 seconds would outlast the caller."""

AWS_CALLS = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    max_pool_connections=50,
    parameter_validation=False,
    user_agent="signup-relay",
)
"""Types and tests hold the parameters; the user agent would be built again for every call (docs/adr/0017)."""

LONGEST_CALL_SECONDS = ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + 1.0
"""All attempts, and the pause between them ("Retry behavior", standard mode: up to a second)."""

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

    def watch(self, client: BaseClient) -> None:
        """Let calls fail at once after one of them has hung, by botocore's events ("Extensibility guide")."""
        client.meta.events.register("before-call", self._before)
        client.meta.events.register("after-call-error", self._after)

    def _before(self, **_: Any) -> None:
        if self._monotonic() < self._until:
            raise ServiceUnresponsive

    def _after(self, exception: Exception, **_: Any) -> None:
        if isinstance(exception, ConnectTimeoutError | ReadTimeoutError):
            self._until = self._monotonic() + COOL_OFF_SECONDS
