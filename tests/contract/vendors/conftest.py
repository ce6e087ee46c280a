from __future__ import annotations

import pytest

from tests.contract.vendors.fakes import FakeMemory
from tests.contract.vendors.recording import Snapshots


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the recorded requests anew; review the difference")


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture
def snapshots(pytestconfig: pytest.Config) -> Snapshots:
    # Known only when pytest was started on this folder; else nothing is ever rewritten.
    return Snapshots(record=pytestconfig.getoption("--record", default=False))
