from __future__ import annotations

import pytest

from tests.support.operator import Operator
from tests.support.relay import Relay


@pytest.fixture
def operator(relay: Relay, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody who runs `relay` against the test's deployment."""
    return Operator(capsys)
