"""Lost answers of AWS: the call is done, and the connection breaks before its answer arrives."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore import handlers
from botocore.exceptions import HTTPClientError

from tests.support.aws_clients import renew_clients


@dataclass
class Losses:
    """Calls of one operation that carry `marker`; the first `left` answers to them get lost."""

    operation: str
    marker: str
    error: HTTPClientError
    left: int
    sent: int = field(default=0)
    """How often such a call was sent."""


_current: list[Losses] = []


def _lose(event_name: str, request: Any, **_: Any) -> None:
    for losses in _current:
        body = request.body if isinstance(request.body, str) else (request.body or b"").decode()
        if event_name.endswith(losses.operation) and losses.marker in body:
            losses.sent += 1
            if losses.sent <= losses.left:
                raise losses.error


# Last, so that the simulated service has worked the call off.
handlers.BUILTIN_HANDLERS.append(("before-send", _lose, handlers.REGISTER_LAST))


@contextmanager
def answers_lost(operation: str, marker: str, error: HTTPClientError, times: int = 1) -> Generator[Losses]:
    """Lose the first `times` answers to `operation`, e.g. `dynamodb.PutItem`, whose request holds `marker`."""
    losses = Losses(operation, marker, error, times)
    _current.append(losses)
    try:
        yield losses
    finally:
        _current.remove(losses)
        renew_clients()
