"""The functions' own AWS clients, kept from test to test: to make one takes longer than many a test."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import pytest

from shared.aws import clients

_MAKERS = {name: getattr(clients, name) for name in ("dynamodb", "secrets_manager", "sqs")}


def keep_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the functions get the clients that an earlier test has used; call it where moto answers."""
    for name in _MAKERS:
        monkeypatch.setattr(clients, name, partial(_kept, name))


def renew_clients() -> None:
    """Forget the clients, after a call of theirs hung: they fail at once for a while."""
    _kept.cache_clear()


@cache
def _kept(name: str) -> Any:
    return _MAKERS[name]()
