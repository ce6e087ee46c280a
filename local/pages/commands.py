"""curl commands that do the same as the pages' forms and buttons."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from local.breakages import BREAKAGES
from local.twins.server import Twin
from shared.forms import Form
from shared.forms.examples import example_values


def curl_commands(url: str, form: Form) -> Iterator[str]:
    """Return commands that post a sign-up, as JSON and urlencoded as a browser does."""
    values = example_values(form)
    yield _curl(url, form.id, "application/json", json.dumps(values, ensure_ascii=False))
    yield _curl(url, form.id, "application/x-www-form-urlencoded", urlencode(values))


def button_commands(url: str, vendor: str) -> str:
    """Return the commands that break and mend a twin, with the origin that the stack requires."""
    effects = {
        "stop": "An outage.",
        "start": "Its end.",
        "wrong-key": "The vendor changes its key, so the stored one is wrong.",
        "right-key": "The right key is stored.",
        **{name: each.effect for name, each in BREAKAGES.items()},
        "mend": "The fault of the next write is taken back.",
    }
    return "\n".join(
        f"# {effect}\ncurl -X POST -H 'Origin: {url}' {url}/twins/{vendor}/{action}"
        for action, effect in effects.items()
    )


def key_commands(twin: Twin, connections: Iterable[str]) -> str:
    """Return the commands that store the key that the twin takes now, one for each connection to it."""
    keys = {name: value for name, value in twin.connection().items() if name != "base_url"}
    given = shlex.quote(json.dumps(keys))
    return "\n".join(f"echo {given} | .venv/bin/relay --local connection rotate {name}" for name in connections)


def _curl(url: str, form_id: str, content_type: str, body: str) -> str:
    lines = [
        f"curl -i {url}/forms/{form_id}",
        f"-H 'Origin: {url}'",
        f"-H 'Content-Type: {content_type}'",
        "-H 'Accept: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)
