"""Answers an event with built code where there is only what Lambda has: invoke.py HANDLER RESULT < EVENT."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
from dataclasses import dataclass
from pathlib import Path


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


def main(handler: str, result: str) -> None:
    """Import the handler, answer the event of standard input, write what was seen."""
    module, name = handler.rsplit(".", 1)
    lambda_handler = getattr(importlib.import_module(module), name)
    seen = {
        "answer": lambda_handler(json.load(sys.stdin), Context()),
        "compiled_as": inspect.unwrap(lambda_handler).__code__.co_filename,
        "modules": [*all_modules("functions"), *all_modules("shared")],
    }
    Path(result).write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
