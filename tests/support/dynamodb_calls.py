"""Calls to DynamoDB, as botocore sends them: which, and in what order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from botocore import handlers

_recording: list[tuple[list[str], Callable[[], bool]]] = []
_lock = threading.Lock()


def _note(event_name: str, request: Any, **_: Any) -> None:
    service, operation = event_name.removeprefix("before-send.").split(".", 1)
    if service != "dynamodb":
        return
    body = request.body if isinstance(request.body, str) else (request.body or b"").decode()
    with _lock:
        for calls, is_over in _recording:
            if not is_over():
                calls.append(f"{operation} {body}")


handlers.BUILTIN_HANDLERS.append(("before-send", _note, handlers.REGISTER_FIRST))


@contextmanager
def dynamodb_calls(until: Callable[[], bool] = lambda: False) -> Generator[list[str]]:
    """Record the calls made inside the block, `until` something has happened: each its operation and its request."""
    calls: list[str] = []
    recording = (calls, until)
    _recording.append(recording)
    try:
        yield calls
    finally:
        _recording.remove(recording)
