"""Environments that Lambda's SnapStart starts from one snapshot: each has jitter and ids of its own."""

from __future__ import annotations

import ast
import random
import uuid
from collections.abc import Callable

import pytest

from shared.jitter import system_jitter
from tests.support.paths import ROOT

MODULES = [path for folder in ("functions", "shared") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("draw", [system_jitter, uuid.uuid4], ids=["jitter", "id"])
def test_what_is_drawn_after_a_restore_differs(draw: Callable[[], object]) -> None:
    """A snapshot holds the state of Python's generator; what it would draw next is the same in each environment."""
    snapshot = random.getstate()
    first = [draw() for _ in range(5)]
    random.setstate(snapshot)
    assert set(first).isdisjoint(draw() for _ in range(5))


def test_nothing_else_draws() -> None:
    """So the two above are all the chance that there is."""
    drawing = [
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and "random" in {alias.name for alias in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == "random")
    ]
    assert drawing == ["shared/jitter.py"]
