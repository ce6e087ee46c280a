"""How the tests are shared out among processes: see `--dist loadgroup` of pytest-xdist."""

from __future__ import annotations

import gc
import warnings
from collections import Counter
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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

FIRST = ("chaos", "stack", "browser", "guarantees")
"""Folders of the longest tests and groups, which are started first."""

GUARANTEES = "tests/guarantees/"
ONE_BY_ONE = ("tests/chaos/", "tests/functional/", GUARANTEES)
"""Where a test may wait for seconds. Elsewhere tests compute, and a file of them is short."""


class GroupScheduling(LoadScopeScheduling):
    """Shares out tests that wait one by one, those that compute file by file, and those of a group together.

    Every second process prefers the guarantees, which wait most: then the others always have a core to compute on.

    The mark `xdist_group` cannot say it: pytest 9.2 does not read the names into which pytest-xdist 3.8 writes groups.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order below stays

    def _split_scope(self, nodeid: str) -> str:
        alone = nodeid if nodeid.startswith(ONE_BY_ONE) else nodeid.partition("::")[0]
        return next((group for group in TOGETHER if nodeid.startswith(group)), alone)

    def _assign_work_unit(self, node: WorkerController) -> None:
        prefers = self.nodes.index(node) % 2 == 1
        for scope in self.workqueue:
            if scope.startswith(GUARANTEES) == prefers:
                self.workqueue.move_to_end(scope, last=False)
                break
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    """Take the place of pytest-xdist's own scheduler of that name."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mix what waits with what computes where tests are shared out, so that the cores always have something to do."""
    if hasattr(config, "workerinput"):
        sizes, met = Counter(map(_folder, items)), Counter[str]()

        def place(item: pytest.Item) -> float:
            """Return by which part of the run the test is started."""
            folder = _folder(item)
            met[folder] += 1
            return FIRST.index(folder) - len(FIRST) if folder in FIRST else met[folder] / sizes[folder]

        items.sort(key=place)


def pytest_collection_finish() -> None:
    """Look no more for garbage among thousands of collected tests: a tenth of the run's CPU time."""
    gc.collect()
    gc.freeze()


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0]


def pytest_unconfigure() -> None:
    """Say nothing of sockets that are open when a process of tests ends: it closes them by ending."""
    warnings.simplefilter("ignore", ResourceWarning)
