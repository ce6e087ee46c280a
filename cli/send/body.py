"""What a test sign-up says: an example value for each field of the form, unless told otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from shared.errors import ConfigurationError
from shared.forms import Form
from shared.forms.examples import example_values

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
"""A `source` that only names members, one within the other."""


def body_of(form: Form, values: Mapping[str, str]) -> str:
    """Return the JSON that signs somebody up who does not exist, unless `values` names another address.

    Raises:
        ConfigurationError: a value is for no field, or the form reads a sender's JSON that cannot be made up.
    """
    unknown = sorted(values.keys() - form.fields.keys())
    if unknown:
        raise ConfigurationError(f"form {form.id} has no field {unknown[0]}")
    # Nobody's: each try is a person of its own, so that no earlier one is taken for the same sign-up.
    nobody = {"email": f"relay-test-{uuid4().hex[:8]}@example.com"}
    said = {**example_values(form, nobody), **values}
    body: dict[str, Any] = {}
    for name, value in said.items():
        _put(body, form.fields[name].source or name, value, form.id)
    text = json.dumps(body, ensure_ascii=False)
    return json.dumps({form.body: text}) if form.body else text


def body_in(file: Path) -> str:
    """Return the JSON in a file.

    Raises:
        ConfigurationError: it cannot be read, or is not JSON.
    """
    try:
        text = file.read_text(encoding="utf-8")
        json.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigurationError(f"{file} is not JSON") from None
    return text


def _put(body: dict[str, Any], path: str, value: str, form_id: str) -> None:
    if not _PATH.fullmatch(path):
        raise ConfigurationError(f"form {form_id} searches its sender's JSON for {path}: give an example with --body")
    *tables, last = path.split(".")
    for table in tables:
        body = body.setdefault(table, {})
    body[last] = value
