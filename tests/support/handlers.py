"""Handlers that behave and misbehave in every way that matters to what runs them."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

_SERVED: list[str] = []


def echo(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do what the path's last segment asks for; else answer with the event and what the handler can see."""
    behaviour = _BEHAVIOURS.get(event["rawPath"].rpartition("/")[2])
    answer = behaviour() if behaviour else None
    if isinstance(answer, dict):
        return answer
    _SERVED.append(context.aws_request_id)
    return {"pid": os.getpid(), "event": event, "context": _seen(context), "invocations": len(_SERVED)}


def _raise() -> None:
    raise ValueError("the handler raised")


_BEHAVIOURS: dict[str, Callable[[], Any]] = {
    "fail": _raise,
    "exit": lambda: os._exit(3),
    "hang": lambda: time.sleep(60),
    "slow": lambda: time.sleep(0.5),
    "huge": lambda: {"statusCode": 200, "body": "x" * 7_000_000},
    "cookies": lambda: {"statusCode": 200, "cookies": ["a=1; Path=/", "b=2"], "body": "two"},
    "binary": lambda: {"statusCode": 200, "body": "AAEC", "isBase64Encoded": True},
    "plain": lambda: {"message": "no status"},
    "strange": lambda: {"statusCode": "many"},
    "split": lambda: {"statusCode": 200, "headers": {"x-one": "1\r\nx-two: 2"}},
    "nobody": lambda: {"statusCode": 204},
}


def _seen(context: Any) -> dict[str, Any]:
    return {
        "function_name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "remaining": context.get_remaining_time_in_millis(),
        "environment": dict(os.environ),
    }


def consume(event: dict[str, Any], _context: Any) -> Any:
    """Do with a batch what its messages ask for; each message is told to the log."""
    bodies = [record["body"] for record in event["Records"]]
    for record in event["Records"]:
        sys.stdout.write(f"consumed {record['body']} {record['attributes']['ApproximateReceiveCount']}\n")
    sys.stdout.flush()
    if "crash" in bodies:
        os._exit(9)
    if "nonsense" in bodies:
        return {"batchItemFailures": [{"itemIdentifier": "nobody"}]}
    failed = [record["messageId"] for record in event["Records"] if record["body"].startswith("fail")]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
