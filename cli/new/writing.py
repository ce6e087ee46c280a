"""Writes a form file from what was answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from cli.new.interview import Wanted, needed_fields


def form_text(wanted: Wanted) -> str:
    """Return the form file. It may still have mistakes, which `parse_form` finds."""
    return "\n".join(_lines(wanted)) + "\n"


def _lines(wanted: Wanted) -> Iterator[str]:
    yield "#:schema ../docs/form.schema.json"
    yield f"title = {_toml(wanted.title)}"
    yield f"allowed_origins = [{_toml(wanted.origin)}]"
    if wanted.privacy_notice:
        yield from ("", "[privacy]", f"notice_url = {_toml(wanted.privacy_notice)}")
    yield from ("", "[fields.email]", 'type = "email"', "required = true")
    for name in wanted.fields:
        yield from ("", f"[fields.{name}]", f'type = "{"phone" if name == "phone" else "text"}"')
        if name == "phone" and wanted.region:
            yield f'region = "{wanted.region}"                   # country of numbers that are written without +'
        if name in needed_fields(wanted.spec):
            yield "required = true                 # the vendor takes nobody without it"
    yield from ("", "[fields.news]", 'type = "consent"', f'grants = ["{wanted.channel}"]')
    yield f"{'required = ' + _toml(wanted.is_purpose):<32}# true: no sign-up without it"
    yield f"statement = {_toml(wanted.statement)}"
    yield f'version = "{datetime.now(UTC):%Y-%m}"'
    yield from ("", "[spam]", 'honeypot = "website"')
    yield from ("", "[[destinations]]", f"name = {_toml(wanted.connection)}")
    yield from (f'vendor = "{wanted.spec.vendor}"', f'action = "{wanted.spec.action}"')
    if wanted.options:
        yield f"options = {_toml(wanted.options)}"
    if not _is_carried(wanted):
        yield "when = { news = true }           # the vendor has no place for consent: it waits for the box"
    yield from ("", "# Choices, dates and other fields, a second [[destinations]], and every other key: docs/forms.md")


def _is_carried(wanted: Wanted) -> bool:
    """Whether the vendor learns of the consent. Options with mistakes are told by the form's check."""
    try:
        return wanted.channel in wanted.spec.options(**wanted.options).carried_consents()
    except ValidationError:
        return True


def _toml(value: Any) -> str:
    """Return a value as TOML; its basic strings and numbers are JSON's."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
