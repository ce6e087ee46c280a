"""The key under which people are hashed is a secret of its own, whatever prefix the connections' secrets have."""

from __future__ import annotations

import json

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay


def test_a_new_secret_prefix_does_not_make_the_ledger_forget_people(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a person known under a key by its ARN; when the prefix changes; then the person is still known."""
    key = relay.secrets.create_secret(Name="a-key-with-a-name-of-its-own", SecretString='{"key": "kept"}')["ARN"]
    monkeypatch.setenv("LEDGER_KEY_SECRET", key)
    relay.form("newsletter", newsletter("dedupe_seconds = 0"))
    pulse = relay.twin("pulse", "pulse-us")
    assert relay.post("newsletter", {"email": "ada@example.com"}).status == 200
    known = {item["id"] for item in relay.items("person#")}

    monkeypatch.setenv("SECRET_PREFIX", "moved/")
    relay.secrets.create_secret(Name="moved/pulse-us", SecretString=json.dumps(pulse.connection()))
    assert relay.post("newsletter", {"email": "ada@example.com"}).status == 200

    assert known
    assert {item["id"] for item in relay.items("person#")} == known
