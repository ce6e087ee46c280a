"""The `relay` commands of README and docs, run as they stand there."""

from __future__ import annotations

import io
import json
import shlex

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.doc_commands import operator_commands
from tests.support.operator import Operator
from tests.support.relay import Relay


@pytest.fixture
def secret(relay: Relay) -> str:
    """Return what an operator types in, or has in a file, for the one connection of a deployment."""
    relay.form("newsletter", newsletter())
    twin = relay.twin("pulse", "another")
    relay.secrets.delete_secret(SecretId="signup-relay/another", ForceDeleteWithoutRecovery=True)
    return json.dumps(dict(twin.connection()))


@pytest.mark.parametrize("command", operator_commands())
def test_a_documented_command_does_what_it_is_for(
    command: str, secret: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(secret))
    _, *words = shlex.split(command.partition(" < ")[0])

    # The test's environment says which deployment.
    said = operator.run(*(word for word in words if word != "--local"))

    assert (said.code, said.err.partition("Traceback")[1]) == (0, "")
    assert said.out
