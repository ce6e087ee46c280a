"""What a connection's secret holds beside credentials, and the rest of it, which nobody may print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_origin

from shared.vendors.connection import Connection


def credentials_of(connection: type[Connection], secret: Mapping[str, Any]) -> set[str]:
    """Return the texts of a secret that must stay secret: all but the address and what a secret need not say."""
    fields = connection.model_fields
    values = [value for name, value in secret.items() if name != "base_url" and value != fields[name].default]
    return {text for value in values for text in (value.values() if isinstance(value, dict) else [value])}


def secret_of(connection: type[Connection], text: str) -> dict[str, Any]:
    """Return a secret whose every key holds this text, each as its field wants it."""
    return {name: _as_wanted(name, field.annotation, text) for name, field in connection.model_fields.items()}


def _as_wanted(name: str, annotation: Any, text: str) -> Any:
    if name == "base_url":
        return f"https://{text}.example.com"
    return {"X-Key": text} if get_origin(annotation) is dict else text
