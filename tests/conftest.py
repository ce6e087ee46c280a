"""How the tests are shared out among processes: see `--dist loadgroup` of pytest-xdist."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Before any test imports it: others than the vendors' do, too.
pytest.register_assert_rewrite("tests.vendors.conformance")

HERE = Path(__file__).parent

TOGETHER = (
    "tests/stack/test_demo.py",  # has a stack of its own
    "tests/stack/",
    "tests/browser/",
    "tests/functional/local/test_http_server.py",
    "tests/functional/local/test_poller.py",
)
"""Tests that share an embedded stack or parts of one, so that one process must run them all."""

WAITING = ("stack", "browser", "chaos", "guarantees", "functional")
"""Folders whose tests mostly wait for clocks and for other processes, the slowest first."""


class GroupScheduling(LoadScopeScheduling):
    """Shares out tests one by one, but those of a group together.

    The mark `xdist_group` cannot say it: pytest 9.2 does not read the names into which pytest-xdist 3.8 writes groups.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in TOGETHER if nodeid.startswith(group)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    """Take the place of pytest-xdist's own scheduler of that name."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start what waits first, so that what computes fills the time."""
    items.sort(key=lambda item: _rank(_folder(item)))  # stable: within a folder the order stays


def pytest_collection_finish() -> None:
    """Look no more for garbage among thousands of collected tests: a tenth of the run's CPU time."""
    gc.collect()
    gc.freeze()


def _rank(folder: str) -> int:
    return WAITING.index(folder) if folder in WAITING else len(WAITING)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0]


def pytest_unconfigure() -> None:
    """Say nothing of sockets that are open when a process of tests ends: it closes them by ending."""
    warnings.simplefilter("ignore", ResourceWarning)
