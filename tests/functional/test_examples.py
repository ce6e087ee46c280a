"""`examples/` for servers, run as they are: what they send is signed, accepted and delivered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import playwright
import pytest

from tests.support.paths import ROOT
from tests.support.relay import Relay
from tests.support.web_site import WebSite

EXAMPLES = ROOT / "examples"
NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Node comes with the browser tests' own package."""
SECRET = "the-websites-own-secret"
HANG_SECONDS = 60

CALL_THE_ACTION = """
import { signUp } from "./actions.mjs";
const data = new FormData();
for (const [name, value] of Object.entries(JSON.parse(process.argv[2]))) data.set(name, value);
console.log(JSON.stringify(await signUp({}, data)));
"""


@pytest.fixture
def site(relay: Relay) -> Iterator[WebSite]:
    """A relay over HTTP, with the form that the examples for servers come with."""
    shutil.copy(EXAMPLES / "forms" / "server-newsletter.toml", relay.forms)
    relay.secret("website", {"signing_secret": SECRET})
    relay.twin("pulse", "pulse-us")
    with WebSite(relay) as site:
        yield site


def run(site: WebSite, *command: object, secret: str = SECRET) -> str:
    """Run a program as somebody's server does, and return what it prints."""
    ended = subprocess.run(
        [str(word) for word in command],
        env={"PATH": os.environ["PATH"], "RELAY_URL": site.url, "RELAY_SIGNING_SECRET": secret},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def action(site: WebSite, folder: Path, secret: str = SECRET, **data: str) -> Any:
    """Call the server action in Node, and return the state that it gives its page."""
    shutil.copy(EXAMPLES / "nextjs" / "app" / "newsletter" / "actions.js", folder / "actions.mjs")
    (folder / "call.mjs").write_text(CALL_THE_ACTION)
    return json.loads(run(site, NODE, folder / "call.mjs", json.dumps(data), secret=secret))


def emails(relay: Relay) -> list[str]:
    return [each["emailAddress"] for contact in relay.twins["pulse"].contacts() for each in contact["emails"]]


def test_the_webhook_is_delivered(site: WebSite, relay: Relay) -> None:
    said = run(site, sys.executable, EXAMPLES / "webhook" / "send.py", "ada@example.com", "Ada")

    assert "'status': 'delivered'" in said
    assert emails(relay) == ["ada@example.com"]


def test_the_server_action_is_delivered_once_however_often_the_button_is_pressed(
    site: WebSite, relay: Relay, tmp_path: Path
) -> None:
    data = {"email": "ada@example.com", "given_name": "Ada", "news": "true"}

    states = [action(site, tmp_path, **data) for _ in range(2)]

    assert [state["ok"] for state in states] == [True, True]
    assert emails(relay) == ["ada@example.com"]
    assert len(relay.twins["pulse"].writes()) == 1


def test_the_server_action_tells_its_page_what_to_correct(site: WebSite, relay: Relay, tmp_path: Path) -> None:
    state = action(site, tmp_path, email="not an address", given_name="Ada", news="true")

    assert state["ok"] is False
    assert list(state["errors"]) == ["email"]
    assert state["values"]["given_name"] == "Ada"


def test_the_server_action_with_a_wrong_secret_asks_to_try_again(site: WebSite, relay: Relay, tmp_path: Path) -> None:
    state = action(site, tmp_path, secret="wrong", email="ada@example.com", news="true")

    assert (state["ok"], state["errors"]) == (False, {})
    assert emails(relay) == []
