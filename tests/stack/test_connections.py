"""The secrets of the embedded stack: there before they are needed, and left alone while something is tried."""

from __future__ import annotations

import io
import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.support.form_texts import PULSE_AND_EMAIL
from tests.support.operator import Operator
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack


def add_form(forms: Path, form_id: str) -> None:
    """Save a form whose connection has its name."""
    text = PULSE_AND_EMAIL.replace('name = "pulse"', f'name = "{form_id}"')
    (forms / f"{form_id}.toml").write_text(text, encoding="utf-8")


def press(relay: Relay, action: str) -> None:
    assert relay.client.post(f"/twins/pulse/{action}", headers={"origin": relay.stack.url}).status_code == 303


def stored(relay: Relay, connection: str) -> dict[str, Any]:
    """Return a connection's secret; an empty one while there is none."""
    secrets, prefix = relay.stack.clients.secrets, relay.stack.operator_variables()["SECRET_PREFIX"]
    try:
        return dict(json.loads(secrets.get_secret_value(SecretId=prefix + connection)["SecretString"]))
    except secrets.exceptions.ResourceNotFoundException:
        return {}


def test_a_new_forms_connection_can_be_tried_before_anybody_looks_at_the_form(
    relay: Relay, forms: Path, operator: Operator
) -> None:
    # Given a form that was saved, and of which no page was asked for and no sign-up sent
    add_form(forms, "just-saved")

    # Then its connection has a secret, and the vendor takes it
    eventually(lambda: stored(relay, "just-saved"))
    tried = operator.run("check", "--live", "just-saved")
    assert tried.out.startswith("just-saved: pulse at 127.0.0.1:"), tried.err
    assert "credentials accepted" in tried.out


def test_a_wrong_key_stays_wrong_when_a_form_is_edited(relay: Relay, forms: Path) -> None:
    # Given a vendor that changed its key
    press(relay, "wrong-key")
    wrong = stored(relay, "pulse-us")

    # When a form is saved, and the stack has seen it
    add_form(forms, "saved-meanwhile")
    eventually(lambda: stored(relay, "saved-meanwhile"))

    # Then the old secret is there still, and the right one is stored by its button only
    assert stored(relay, "pulse-us") == wrong
    assert wrong.items() != stored(relay, "saved-meanwhile").items()
    press(relay, "right-key")
    assert stored(relay, "pulse-us")["api_token"] != wrong["api_token"]


def test_a_connection_is_rotated_by_the_command_that_the_twins_page_shows(
    relay: Relay, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a vendor that changed its key
    press(relay, "wrong-key")
    assert "wrong key</strong>" in relay.client.get("/timeline").text

    # When its page's commands are run
    page = unescape(relay.client.get("/twins").text)
    (commands,) = [text for text in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL) if "rotate pulse-us" in text]
    for line in commands.splitlines():
        (_, given), (_, _, *words) = map(shlex.split, line.split(" | "))
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        assert operator.run(*words).code == 0

    # Then nothing is wrong any more
    assert "wrong key</strong>" not in relay.client.get("/timeline").text
