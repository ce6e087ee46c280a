"""Answers an event with built code where there is only what Lambda has.

Usage: invoke.py HANDLER RESULT TIMES < EVENT. Writes to the file RESULT what was seen: the last answer, the modules
that could be imported, and how long each answer took, in microseconds.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Context:
    """What the code reads of Lambda's context object."""

    function_name: str = "built"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:built"
    aws_request_id: str = "5f0c2a4e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """A fresh invocation's time, in milliseconds."""
        return 20_000


def all_modules(package: str) -> list[str]:
    """Import every module of a package; their names."""
    path = importlib.import_module(package).__path__
    names = [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    for name in names:
        importlib.import_module(name)
    return names


def answers(lambda_handler: Callable[..., Any], event: Any, times: int) -> Iterator[tuple[Any, float]]:
    """Answer the event again and again; each answer with its microseconds."""
    for _ in range(times):
        start = time.perf_counter()
        answer = lambda_handler(event, Context())
        yield answer, (time.perf_counter() - start) * 1e6


def main(handler: str, result: str, times: str) -> None:
    """Import the handler, answer the event of standard input, write what was seen."""
    module, name = handler.rsplit(".", 1)
    lambda_handler = getattr(importlib.import_module(module), name)
    seen = list(answers(lambda_handler, json.load(sys.stdin), int(times)))
    report = {
        "answer": seen[-1][0],
        "microseconds": [taken for _, taken in seen],
        "modules": [*all_modules("functions"), *all_modules("shared")],
    }
    Path(result).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
