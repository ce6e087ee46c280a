"""The counters of Powertools' circuit breaker, which it keeps in its module for the whole process."""

from __future__ import annotations

import pytest
from aws_lambda_powertools.utilities.circuit_breaker import base

COUNTERS = ("_LOCAL_FAILURES", "_LOCAL_SUCCESSES", "_LAST_OBSERVED_STATE")


def forget_circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with counters of this test's own, as a new environment does: another test's outage opens no circuit."""
    for name in COUNTERS:
        monkeypatch.setattr(base, name, {})
