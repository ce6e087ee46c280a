"""How the tests are shared out among processes: see `--dist loadgroup` of pytest-xdist."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent

TOGETHER = ("stack", "browser")
"""Folders whose tests share one embedded stack, so that one process must run them all."""

WAITING = (*TOGETHER, "chaos", "guarantees", "functional")
"""Folders whose tests mostly wait for clocks and for other processes, the slowest first."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start what waits first, so that what computes fills the time."""
    items.sort(key=lambda item: _rank(_folder(item)))  # stable: within a folder the order stays
    for item in items:
        if _folder(item) in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(_folder(item)))


def _rank(folder: str) -> int:
    return WAITING.index(folder) if folder in WAITING else len(WAITING)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0]
