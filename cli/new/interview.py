"""Asks what a form needs. Questions go to stderr, so that stdout holds the answer alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_origin

import typer

from shared.forms.key_types import ID_PATTERN
from shared.vendors.protocol import ActionSpec
from shared.vendors.registry import ACTIONS

CHANNELS = {"whautomate": "whatsapp"}
"""Vendor → the channel that it is for; of the others it is e-mail."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was answered."""

    title: str
    origin: str
    channel: str
    fields: tuple[str, ...]
    statement: str
    privacy_notice: str
    connection: str
    spec: ActionSpec
    options: dict[str, Any]


def interview() -> Wanted:
    """Ask everything, each answer again until it can be used."""
    title = _ask("Title, for people")
    origin = _ask("Website that shows the form", check=_is_origin, hint="like https://www.example.com")
    spec = _ask_spec()
    fields = ["first_name", "last_name"] if typer.confirm("Ask for the name?", default=True, err=True) else []
    # Whautomate knows people by their phone.
    if spec.vendor == "whautomate" or typer.confirm("Ask for a phone number?", default=False, err=True):
        fields.append("phone")
    channel = CHANNELS.get(spec.vendor, "email")
    statement = _ask("What people agree to", default=f"Send me news by {channel}. I can stop at any time.")
    notice = _ask("Address of the privacy notice, if there is one", default="", check=_is_address_or_none)
    connection = _ask("Name of the connection", default=spec.vendor, check=_is_name)
    return Wanted(
        title, origin, channel, tuple(fields), statement, notice, connection, spec, _ask_options(spec, fields)
    )


def _ask_spec() -> ActionSpec:
    names = {f"{vendor} {action}": spec for (vendor, action), spec in sorted(ACTIONS.items())}
    hint = "one of " + ", ".join(names)
    return names[_ask("Vendor and action", default="pulse upsert", check=names.__contains__, hint=hint)]


def _ask_options(spec: ActionSpec, fields: list[str]) -> dict[str, Any]:
    """Ask for the options that have no default."""
    options: dict[str, Any] = {}
    for name, field in spec.options.model_fields.items():
        if not field.is_required():
            continue
        if field.annotation is int:
            options[name] = int(_ask(name, check=str.isdecimal, hint="a whole number"))
        elif get_origin(field.annotation) is dict:
            names = ("email", *fields)
            options[name] = {each: _ask(f"Name of {each} in the vendor's list", default=each) for each in names}
        else:
            options[name] = _ask(name)
    return options


def _ask(text: str, default: str | None = None, check: Callable[[str], bool] = bool, hint: str = "") -> str:
    while True:
        answer = str(typer.prompt(f"{text} ({hint})" if hint else text, default=default, err=True)).strip()
        if check(answer) or answer == default:
            return answer
        typer.echo(f"Cannot be used{f': {hint}' if hint else ''}.", err=True)


def _is_origin(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    return scheme in {"http", "https"} and bool(rest) and "/" not in rest


def _is_address_or_none(text: str) -> bool:
    return not text or text.startswith(("https://", "http://"))


def _is_name(text: str) -> bool:
    return ID_PATTERN.fullmatch(text) is not None
