"""Outages of AWS services: calls that fail as if nothing listened, by botocore's event system, as moto works."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from botocore import handlers
from botocore.exceptions import EndpointConnectionError

_gone: list[str] = []
"""`service` or `service.Operation` of calls that fail now."""


def _fail(event_name: str, **_: Any) -> None:
    call = event_name.removeprefix("before-send.")
    if call in _gone or call.partition(".")[0] in _gone:
        raise EndpointConnectionError(endpoint_url="https://gone.example.com")


handlers.BUILTIN_HANDLERS.append(("before-send", _fail, handlers.REGISTER_FIRST))


@contextmanager
def gone(*calls: str) -> Generator[None]:
    """Let the named calls fail inside the block: `dynamodb`, `secrets-manager`, `sqs.SendMessageBatch`, …"""
    _gone.extend(calls)
    try:
        yield
    finally:
        _gone.clear()
