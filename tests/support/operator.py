"""An operator at a terminal, who runs `relay …` against the deployment of the environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cli.deployment import Deployment, connect
from cli.main import main

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
"""Any time, as commands print it."""


@dataclass(frozen=True)
class Output:
    """A command's exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def results(self) -> dict[str, str]:
        """A table of two columns, without its headings."""
        rows = (line.partition("  ") for line in self.lines[1:])
        return {subject: result.strip() for subject, _, result in rows}


@dataclass(frozen=True)
class Operator:
    """Runs commands in this process."""

    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str, while_waiting: Callable[[], object] = lambda: None) -> Output:
        """Run `relay <words>`; instead of waiting it does what happens meanwhile."""
        self.capsys.readouterr()

        def sleep(seconds: float) -> None:
            while_waiting()

        code = main(words, lambda: replace(connect_without_waiting(), sleep=sleep))
        printed = self.capsys.readouterr()
        return Output(code, printed.out, printed.err)


def connect_without_waiting() -> Deployment:
    """Connect as `relay` does, without waiting: simulated queues return at once what they hold."""
    return replace(connect(), poll_seconds=0, sleep=lambda seconds: None)
