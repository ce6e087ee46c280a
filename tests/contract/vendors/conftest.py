from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.http import VendorHttp
from shared.transport import deadline_client
from tests.contract.vendors.fakes import FakeMemory
from tests.contract.vendors.recording import Snapshots


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the recorded requests anew; review the difference")


@pytest.fixture(scope="session")
def http() -> Iterator[VendorHttp]:
    """The client that production uses, over real sockets."""
    with deadline_client() as client:
        yield VendorHttp(client)


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture
def snapshots(pytestconfig: pytest.Config) -> Snapshots:
    # Known only when pytest was started on this folder; else nothing is ever rewritten.
    return Snapshots(record=pytestconfig.getoption("--record", default=False))
