"""curl commands that do the same as the pages' forms and buttons."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from urllib.parse import urlencode

from shared.forms import Form
from shared.forms.examples import example_values


def curl_commands(url: str, form: Form) -> Iterator[str]:
    """Return commands that post a sign-up, as JSON and urlencoded as a browser does."""
    values = example_values(form)
    yield _curl(url, form.id, "application/json", json.dumps(values, ensure_ascii=False))
    yield _curl(url, form.id, "application/x-www-form-urlencoded", urlencode(values))


def button_commands(url: str, vendor: str) -> str:
    """Return the commands that stop and start a twin, with the origin that the stack requires."""
    return "\n".join(f"curl -X POST -H 'Origin: {url}' {url}/twins/{vendor}/{action}" for action in ("stop", "start"))


def _curl(url: str, form_id: str, content_type: str, body: str) -> str:
    lines = [
        f"curl -i {url}/forms/{form_id}",
        f"-H 'Origin: {url}'",
        f"-H 'Content-Type: {content_type}'",
        "-H 'Accept: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)
