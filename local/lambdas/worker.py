"""The process of one execution environment: it runs one handler, one event at a time.

`local.lambdas.execution` starts it as `python -m local.lambdas.worker HANDLER CHANNEL_FD LIFELINE_FD`, with Lambda's
environment variables. Results go to the channel, output of the handler to the stack's log.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from local.lambdas.lifeline import end_with

_Handler = Callable[[Any, "Context"], Any]


@dataclass(frozen=True)
class Context:
    """The context that Lambda passes to a handler ("Using the Lambda context object")."""

    aws_request_id: str
    deadline: float
    function_name: str
    memory_limit_in_mb: str
    invoked_function_arn: str
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the process is killed."""
        return max(0, int((self.deadline - time.time()) * 1000))


def _context(invocation: dict[str, Any]) -> Context:
    return Context(
        aws_request_id=invocation["request_id"],
        deadline=invocation["deadline"],
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        invoked_function_arn=invocation["arn"],
        log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
    )


def _load(name: str) -> _Handler:
    module, _, function = name.rpartition(".")
    handler: _Handler = getattr(importlib.import_module(module), function)
    return handler


def _failure(error: BaseException) -> bytes:
    # Like Lambda, log an unhandled exception with its text: tests search the log for personal data.
    traceback.print_exception(error)
    return json.dumps({"errorType": type(error).__name__}).encode()


def _run(handler: _Handler, message: bytes) -> bytes:
    invocation = json.loads(message)
    sys.stdout.write(f"START RequestId: {invocation['request_id']} Version: {Context.function_version}\n")
    try:
        result = handler(invocation["event"], _context(invocation))
        return json.dumps({"result": result}).encode()
    except Exception as error:  # noqa: BLE001 - any error of a handler is its result
        return _failure(error)
    finally:
        sys.stdout.write(f"END RequestId: {invocation['request_id']}\n")


def main(handler_name: str, channel: Connection) -> None:
    """Load the handler, report that, then process events until the stack closes the channel."""
    try:
        handler = _load(handler_name)
    except Exception as error:  # noqa: BLE001 - a module may fail in any way while it is imported
        channel.send_bytes(_failure(error))
        return
    channel.send_bytes(b"{}")
    while True:
        try:
            message = channel.recv_bytes()
        except EOFError:
            return
        channel.send_bytes(_run(handler, message))


if __name__ == "__main__":
    end_with(int(sys.argv[3]))
    main(sys.argv[1], Connection(int(sys.argv[2])))
