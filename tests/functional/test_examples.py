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
from urllib.parse import urlencode

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

PHP = shutil.which("php")
needs_php = pytest.mark.skipif(PHP is None, reason="needs PHP with cURL: Debian's php-cli and php-curl")
PRESS_THE_BUTTON = """<?php
$_SERVER["REQUEST_METHOD"] = "POST";
parse_str($argv[1], $_POST);
require __DIR__ . "/signup.php";
"""
WORDPRESS = """<?php
const ABSPATH = "/";
$seen = [];
function add_shortcode($name, $print) { global $seen; $seen["shortcode"] = $print; }
function shortcode_atts($defaults, $given) { return array_merge($defaults, $given); }
function wp_enqueue_script($name, $address) { global $seen; $seen["script"] = $address; }
function esc_url($address) { return htmlspecialchars($address); }
require $argv[1];
$html = $seen["shortcode"](["form" => "spring offer"]);
echo json_encode(["html" => $html, "script" => $seen["script"]]);
"""
"""The functions of WordPress that the plugin calls, as far as it needs them."""


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


def php_page(site: WebSite, folder: Path, secret: str = SECRET, **entries: str) -> str:
    """Press the button of the PHP page, and return the page that comes."""
    text = (EXAMPLES / "php" / "signup.php").read_text(encoding="utf-8")
    (folder / "signup.php").write_text(text.replace("https://relay.example.com", site.url), encoding="utf-8")
    (folder / "press.php").write_text(PRESS_THE_BUTTON)
    return run(site, PHP, folder / "press.php", urlencode(entries), secret=secret)


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


@needs_php
def test_the_php_page_is_delivered_once_however_often_the_button_is_pressed(
    site: WebSite, relay: Relay, tmp_path: Path
) -> None:
    entries = {"email": "ada@example.com", "given_name": "Ada", "news": "true"}

    pages = [php_page(site, tmp_path, **entries) for _ in range(2)]

    assert all("Thank you. We have received your sign-up." in page for page in pages)
    assert emails(relay) == ["ada@example.com"]
    assert len(relay.twins["pulse"].writes()) == 1


@needs_php
def test_the_php_page_tells_what_to_correct_and_keeps_the_entries(site: WebSite, tmp_path: Path) -> None:
    page = php_page(site, tmp_path, email="not an address", given_name="Ada <b>", news="true")

    assert "Please enter a valid email address." in page
    assert 'value="Ada &lt;b&gt;"' in page


@needs_php
def test_the_php_page_with_a_wrong_secret_asks_to_try_again(site: WebSite, relay: Relay, tmp_path: Path) -> None:
    page = php_page(site, tmp_path, secret="wrong", email="ada@example.com", news="true")

    assert "That did not work. Please try again." in page
    assert emails(relay) == []


@needs_php
def test_the_wordpress_plugin_prints_the_form_and_asks_for_the_snippet(site: WebSite, tmp_path: Path) -> None:
    (tmp_path / "wordpress.php").write_text(WORDPRESS)

    printed = json.loads(run(site, PHP, tmp_path / "wordpress.php", EXAMPLES / "wordpress" / "signup-relay.php"))

    assert 'action="https://relay.example.com/forms/spring%20offer"' in printed["html"]
    assert printed["script"] == "https://relay.example.com/signup-relay.js"
