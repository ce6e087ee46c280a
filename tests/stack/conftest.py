"""One embedded stack for all tests of this folder."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.lambdas.execution import ROOT
from local.stack import Stack, StackOptions
from tests.support.operator import Operator
from tests.support.stack import NUMBERS, VARIABLES, Relay, one_visit


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's forms, and one that is broken."""
    folder = tmp_path_factory.mktemp("forms")
    shutil.copytree(ROOT / "forms", folder, dirs_exist_ok=True)
    (folder / "broken.toml").write_text('title = "Broken"\ncolour = "green"\n')
    return folder


@pytest.fixture(scope="session")
def stack_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file to which all processes of the stack log."""
    return tmp_path_factory.mktemp("stack") / "log"


@pytest.fixture(scope="session")
def stack(stack_log: Path, forms: Path) -> Iterator[Stack]:
    """A running stack. Twins keep their contacts between tests, so each test signs up people of its own."""
    handler = logging.FileHandler(stack_log)
    logger = logging.getLogger("local")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    with (
        stack_log.open("ab") as log,
        Stack(StackOptions(forms=forms, variables=VARIABLES, log=log)) as stack,
        httpx.Client() as client,
    ):
        yield stack
        leaks = Relay(stack, client, stack_log).leaks()
    assert not leaks, "the log of this run holds personal data or credentials"
    logger.removeHandler(handler)
    handler.close()


@pytest.fixture
def relay(stack: Stack, stack_log: Path) -> Iterator[Relay]:
    """The stack, called from an address of the test's own (forms have a rate limit per address)."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{next(NUMBERS) % 250 + 1}")
    with (
        httpx.Client(base_url=stack.url, transport=transport, timeout=30) as client,
        one_visit(Relay(stack, client, stack_log)) as relay,
    ):
        yield relay


@pytest.fixture
def operator(relay: Relay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    """Somebody who runs `relay` against the stack."""
    for name, value in relay.stack.operator_variables().items():
        monkeypatch.setenv(name, value)
    return Operator(capsys)
