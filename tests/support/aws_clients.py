"""AWS clients kept from test to test, the functions' and the operator's: to make one takes longer than many a test."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import Any

import boto3
import pytest
from botocore.config import Config

from shared.aws import clients

_MAKERS = {name: getattr(clients, name) for name in ("dynamodb", "secrets_manager", "sqs")}
_make_any: Any = boto3.client


def keep_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let functions and commands get the clients that an earlier test has used; call it where moto answers."""
    for name in _MAKERS:
        monkeypatch.setattr(clients, name, partial(_kept, name))
    monkeypatch.setattr(boto3, "client", _made_alike)


def renew_clients() -> None:
    """Forget the functions' clients, after a call of theirs hung: they fail at once for a while."""
    _kept.cache_clear()


@cache
def _kept(name: str) -> Any:
    return _MAKERS[name]()


def _made_alike(service: str, *, config: Config | None = None) -> Any:
    environment = tuple((name, value) for name, value in sorted(os.environ.items()) if name.startswith("AWS_"))
    return _kept_alike(service, config, environment)


@cache
def _kept_alike(service: str, config: Config | None, environment: tuple[tuple[str, str], ...]) -> Any:
    return _make_any(service, config=config)
