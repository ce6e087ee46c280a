"""curl commands that do the same as the pages' forms and buttons."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from shared.forms import Form

_BY_TYPE = {
    "email": "ada@example.com",
    "phone": "+1 202 555 0143",
    "boolean": "true",
    "consent": "true",
    "integer": "3",
    "number": "1.5",
    "date": "1990-12-31",
    "text": "An example",
}
_BY_ATTRIBUTE = {
    "salutation": "Ms",
    "first_name": "Ada",
    "middle_name": "King",
    "last_name": "Lovelace",
    "credentials": "MD",
    "gender": "female",
    "npi": "1234567893",
    "company": "Example Clinic",
    "job_title": "Physician",
    "address_line1": "1 Main Street",
    "address_line2": "Suite 2",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94105",
    "country": "US",
    "language": "en",
    "time_zone": "America/Los_Angeles",
}


def curl_commands(url: str, form: Form) -> Iterator[str]:
    """Return commands that post a sign-up, as JSON and urlencoded as a browser does."""
    values = example_values(form)
    yield _curl(url, form.id, "application/json", json.dumps(values, ensure_ascii=False))
    yield _curl(url, form.id, "application/x-www-form-urlencoded", urlencode(values))


def example_values(form: Form, by_attribute: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a valid value for each field; `by_attribute` has own values for some contact attributes."""
    own = by_attribute or {}
    return {
        name: own.get(form.attribute_of(name) or "") or _example(field, form.attribute_of(name))
        for name, field in form.fields.items()
    }


def button_commands(url: str, vendor: str) -> str:
    """Return the commands that stop and start a twin, with the origin that the stack requires."""
    return "\n".join(f"curl -X POST -H 'Origin: {url}' {url}/twins/{vendor}/{action}" for action in ("stop", "start"))


def _example(field: Any, attribute: str | None) -> str:
    """Return a valid value."""
    match field.type:
        case "choice" | "choices":
            return str(field.options[0])
        case "text":
            return _BY_ATTRIBUTE.get(attribute or "", _BY_TYPE["text"])[: field.max_length]
    return _BY_TYPE[field.type]


def _curl(url: str, form_id: str, content_type: str, body: str) -> str:
    lines = [
        f"curl -i {url}/forms/{form_id}",
        f"-H 'Origin: {url}'",
        f"-H 'Content-Type: {content_type}'",
        "-H 'Accept: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    return " \\\n  ".join(lines)
