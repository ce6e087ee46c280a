"""Commands that do what the page's forms do, to be pasted into a terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from shared.forms import Form

_EXAMPLES = {
    "email": "ada@example.com",
    "phone": "+1 202 555 0143",
    "boolean": "true",
    "consent": "true",
    "integer": "3",
    "number": "1.5",
    "date": "1990-12-31",
}


def curl_commands(url: str, form: Form) -> Iterator[str]:
    """Post a sign-up by curl, as JSON and as a browser sends it."""
    values = {name: _example(field) for name, field in form.fields.items()}
    yield _curl(url, form.id, "application/json", json.dumps(values, ensure_ascii=False))
    yield _curl(url, form.id, "application/x-www-form-urlencoded", urlencode(values))


def _example(field: Any) -> str:
    if field.type == "choice":
        return str(field.options[0])
    return _EXAMPLES.get(field.type, "Ada")


def _curl(url: str, form_id: str, content_type: str, body: str) -> str:
    lines = [
        f"curl -i {url}/forms/{form_id}",
        f"-H 'Origin: {url}'",
        f"-H 'Content-Type: {content_type}'",
        "-H 'Accept: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)
