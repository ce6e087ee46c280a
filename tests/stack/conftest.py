"""One embedded stack for all end-to-end tests: real processes, real HTTP, free ports, everything logged to a file."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack import Stack, StackOptions

VARIABLES = {
    "RETRY_BASE_SECONDS": "1",
    "CIRCUIT_RECOVERY_SECONDS": "1",
    "DELIVERY_BUDGET_SECONDS": "4",
}
"""Times short enough for a test to wait for what they delay."""


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that other processes will bring about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def stack_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every line lands that any process of the stack writes."""
    return tmp_path_factory.mktemp("stack") / "log"


@pytest.fixture(scope="session")
def stack(stack_log: Path) -> Iterator[Stack]:
    """A running stack; its twins keep what they hold from test to test, so tests sign up people of their own."""
    handler = logging.FileHandler(stack_log)
    logger = logging.getLogger("local")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    with stack_log.open("ab") as log, Stack(StackOptions(variables=VARIABLES, log=log)) as stack:
        yield stack
    logger.removeHandler(handler)
    handler.close()
