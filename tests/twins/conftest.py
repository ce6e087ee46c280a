from __future__ import annotations

import pytest

from tests.support.certificates import one_certificate, trusts_little

__all__ = ["one_certificate", "trusts_little"]


@pytest.fixture(autouse=True)
def quick_clients(trusts_little: None) -> None:
    """Every test of a twin makes HTTP clients of its own."""
