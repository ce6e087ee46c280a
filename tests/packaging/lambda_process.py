"""Processes that have only what Lambda has: the built code, the layer, the runtime's boto3 and the variables."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT

NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens, a connection is refused at once


def run(
    python: str, path: Sequence[Path], arguments: Sequence[str], given: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a Python of the runtime's version; `path` is code, layer and runtime, in Lambda's order.

    Not its own site-packages (-S), not this tree (-P).
    """
    return subprocess.run(
        [python, "-S", "-P", *arguments],
        check=False,
        input=given,
        env={**environment(path), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def answer(python: str, path: Sequence[Path], trigger: str, event: str, result: Path, times: int = 1) -> dict[str, Any]:
    """Let the function of a trigger answer an event of `events/`; what `invoke.py` saw of it."""
    handler = f"functions.{trigger}.handler.lambda_handler"
    invoke = str(Path(__file__).with_name("invoke.py"))
    done = run(
        python,
        path,
        [invoke, handler, str(result), str(times)],
        given=(ROOT / "events" / f"{event}.json").read_text(encoding="utf-8"),
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(result.read_text())
    return seen


def environment(path: Sequence[Path]) -> dict[str, str]:
    """The variables of `template.yaml`, with AWS out of reach."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "LAMBDA_TASK_ROOT": str(path[0]),
        "AWS_LAMBDA_FUNCTION_NAME": "built",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": NOWHERE,
        "POWERTOOLS_SERVICE_NAME": "built",
        "RETRY_QUEUE_URL": f"{NOWHERE}/123456789012/retry",
        "DEAD_LETTER_QUEUE_URL": f"{NOWHERE}/123456789012/dead",
        "LEDGER_TABLE": "ledger",
    }
