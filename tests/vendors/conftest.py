from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from local.twins.esputnik.organisation import EsputnikOptions
from local.twins.esputnik.twin import EsputnikTwin
from local.twins.higherlogic.twin import HigherLogicTwin
from local.twins.pulse.twin import PulseTwin
from local.twins.whautomate.twin import WhautomateTwin
from local.twins.which50.twin import Which50Twin
from shared.http.deadline_transport import DeadlineTransport
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from tests.support.vendor_fakes import person_record
from tests.vendors.recording import Snapshots


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the recorded requests again; review the difference")


@pytest.fixture(scope="session")
def http() -> Iterator[VendorHttp]:
    """The client that production uses, over real sockets."""
    with DeadlineTransport(ssl.create_default_context()) as transport:
        yield VendorHttp(transport)


@pytest.fixture
def pulse() -> Iterator[PulseTwin]:
    with PulseTwin() as twin:
        yield twin


@pytest.fixture
def esputnik() -> Iterator[EsputnikTwin]:
    """An organisation whose imports run at once."""
    with EsputnikTwin(EsputnikOptions(import_seconds=0)) as twin:
        yield twin


@pytest.fixture
def higherlogic() -> Iterator[HigherLogicTwin]:
    with HigherLogicTwin() as twin:
        yield twin


@pytest.fixture
def which50() -> Iterator[Which50Twin]:
    with Which50Twin() as twin:
        yield twin


@pytest.fixture
def whautomate() -> Iterator[WhautomateTwin]:
    with WhautomateTwin() as twin:
        yield twin


@pytest.fixture
def memory(request: pytest.FixtureRequest) -> PersonRecord:
    """Nothing is known of the person yet; the folder names the vendor."""
    return person_record(request.path.parent.name)


@pytest.fixture
def snapshots(pytestconfig: pytest.Config) -> Snapshots:
    # Known only when pytest was started on this folder; else nothing is ever rewritten.
    return Snapshots(record=pytestconfig.getoption("--record", default=False))
