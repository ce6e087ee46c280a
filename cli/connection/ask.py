"""Asks for the keys of a secret at a terminal, or reads them as JSON from stdin; never from arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import typer

from cli.connection.keys import Kind
from shared.errors import ConfigurationError

SHOWN = frozenset({"base_url", "username", "account", "api_key_header"})
"""Keys whose values are no credentials: what is typed may be seen."""


def ask(kind: Kind, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, over what is known already; an empty answer keeps or leaves out a key.

    Raises:
        ConfigurationError: stdin holds no JSON object.
    """
    if not sys.stdin.isatty():
        return {**known, **_read()}
    given = {key: _question(kind, key, known) for key in kind.questions}
    return {**known, **{key: value for key, value in given.items() if value}}


def _read() -> dict[str, Any]:
    try:
        value = json.loads(sys.stdin.read())
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError('stdin must hold a JSON object, like {"base_url": "…", "api_key": "…"}')
    return value


def _question(kind: Kind, key: str, known: Mapping[str, Any]) -> Any:
    is_shown, is_table = key in SHOWN, key == "headers"
    hints = [
        *(["leave empty to keep it"] if key in known else []),
        *(["optional"] if key not in known and kind.is_optional(key) else []),
        *(["as NAME: VALUE"] if is_table else []),
        *(["the ledger's name for the account, the vendor never sees it"] if key == "account" else []),
    ]
    text = f"{key} ({', '.join(hints)})" if hints else key
    answer: str = typer.prompt(text, default="", show_default=False, hide_input=not is_shown, err=True)
    if not is_table or not answer:
        return answer
    name, _, value = answer.partition(":")
    return {name.strip(): value.strip()}
