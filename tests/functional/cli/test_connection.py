"""Credentials get into Secrets Manager by `relay connection`, and never onto the screen."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from local.twins.server import Twin
from tests.functional.submit.form_texts import newsletter
from tests.support.operator import Operator, Output
from tests.support.relay import Relay


@pytest.fixture
def pulse(relay: Relay) -> Twin:
    relay.form("newsletter", newsletter())
    twin = relay.twin("pulse", "another")
    relay.secrets.delete_secret(SecretId="signup-relay/another", ForceDeleteWithoutRecovery=True)
    return twin


def run(operator: Operator, monkeypatch: pytest.MonkeyPatch, value: Any, *words: str) -> Output:
    """Run `relay connection <words>` with a JSON value on stdin."""
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(value)))
    said = operator.run("connection", *words)
    given = value if isinstance(value, dict) else {}
    secrets = [str(part) for key, part in given.items() if key != "base_url"]
    assert not [secret for secret in secrets if secret in said.out + said.err]
    return said


def stored(relay: Relay, name: str = "pulse-us") -> Any:
    return json.loads(relay.secrets.get_secret_value(SecretId=f"signup-relay/{name}")["SecretString"])


def test_a_secret_that_the_vendor_takes_is_stored(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(operator, monkeypatch, pulse.connection(), "add", "pulse-us")

    assert said.code == 0
    assert said.out.startswith("stored signup-relay/pulse-us")
    assert stored(relay) == pulse.connection()
    assert relay.post("newsletter", {"email": "ada@example.com"}).json["status"] == "delivered"


def test_one_that_the_vendor_refuses_is_not_stored(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {**pulse.connection(), "api_token": "not-this-one"}

    said = run(operator, monkeypatch, wrong, "add", "pulse-us")
    untried = run(operator, monkeypatch, wrong, "add", "pulse-us", "--untried")

    assert (said.code, untried.code) == (1, 0)
    assert "not accepted, and not stored" in said.err
    assert stored(relay) == wrong


@pytest.mark.parametrize(
    ("value", "named"),
    [({"base_url": "https://pulse.example.com"}, "api_token"), ([], "JSON object"), ({"base_url": "x"}, "base_url")],
)
def test_an_incomplete_secret_is_refused_with_the_key_that_is_wrong(
    value: Any, named: str, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(operator, monkeypatch, value, "add", "pulse-us")

    assert said.code == 2
    assert named in said.err


def test_a_rotation_replaces_what_is_given_and_keeps_the_rest(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.secret("pulse-us", {**pulse.connection(), "api_token": "worn-out", "note": "kept"})

    said = run(operator, monkeypatch, {"api_token": pulse.connection()["api_token"]}, "rotate", "pulse-us", "--json")

    assert said.json == {"stored": "signup-relay/pulse-us"}
    assert stored(relay) == {**pulse.connection(), "note": "kept"}


def test_a_rotated_key_stays_the_key_of_the_same_account(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the ledger would know nobody there, and make everybody a second time."""
    relay.form("newsletter", newsletter().replace('"pulse"', '"esputnik"').replace("options = { source = 7 }", ""))
    relay.secret("pulse-us", {"base_url": "https://esputnik.example.com/api", "api_key": "the-old-one"})

    run(operator, monkeypatch, {"api_key": "the-new-one"}, "rotate", "pulse-us", "--untried")

    assert stored(relay)["api_key"] == "the-new-one"
    assert stored(relay)["account"] == "the-old-one"


def test_add_and_rotate_do_not_do_each_others_work(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = run(operator, monkeypatch, pulse.connection(), "rotate", "pulse-us")
    relay.secret("pulse-us", pulse.connection())
    twice = run(operator, monkeypatch, pulse.connection(), "add", "pulse-us")

    assert (none.code, twice.code) == (2, 2)
    assert "relay connection add pulse-us" in none.err
    assert "relay connection rotate pulse-us" in twice.err


def test_a_connection_that_no_form_has_needs_its_vendor(
    relay: Relay, operator: Operator, pulse: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = run(operator, monkeypatch, pulse.connection(), "add", "later")
    misspelled = run(operator, monkeypatch, pulse.connection(), "rotate", "pulse-su")
    unknown = run(operator, monkeypatch, pulse.connection(), "add", "later", "--vendor", "pulsar")
    said = run(operator, monkeypatch, pulse.connection(), "add", "later", "--vendor", "pulse")

    assert (asked.code, unknown.code, said.code) == (2, 2, 0)
    assert "give --vendor" in asked.err
    assert 'did you mean "pulse-us"?' in misspelled.err
    assert stored(relay, "later") == pulse.connection()


def test_a_signing_secret_is_stored_for_its_form(
    relay: Relay, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.form("hook", newsletter(more='[signature]\nscheme = "header-secret"\nsecret = "sender"\nheader = "X-Key"'))

    said = run(operator, monkeypatch, {"signing_secret": "a-secret-of-the-sender"}, "add", "sender")

    assert said.code == 0
    assert stored(relay, "sender") == {"signing_secret": "a-secret-of-the-sender"}


def test_credentials_are_tried_as_check_live_does(relay: Relay, operator: Operator, pulse: Twin) -> None:
    relay.secret("pulse-us", pulse.connection())

    assert operator.run("connection", "test", "pulse-us") == operator.run("check", "--live", "pulse-us")
