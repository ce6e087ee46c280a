"""Asks what a form needs. Questions go to stderr, so that stdout holds the answer alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_origin

import typer

from shared.contact import Channel
from shared.forms.key_types import ID_PATTERN
from shared.forms.regions import REGIONS
from shared.vendors.protocol import ActionSpec, Options
from shared.vendors.registry import ACTIONS

IN_DOUBT = "In doubt take any: `relay check --live CONNECTION` then tells those that there are."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was answered."""

    title: str
    origin: str
    channel: str
    fields: tuple[str, ...]
    region: str
    """Country of phone numbers without +; empty where such a number is invalid."""
    statement: str
    is_purpose: bool
    """Whether nobody can sign up without agreeing to it."""
    privacy_notice: str
    connection: str
    spec: ActionSpec
    options: dict[str, Any]


def needed_fields(spec: ActionSpec) -> frozenset[str]:
    """Return the contact attributes that a form of this action must ask for, beside the e-mail address."""
    return frozenset().union(*(each for each in _unanswered(spec).requires() if "email" not in each))


def channel_of(spec: ActionSpec) -> Channel:
    """Return the channel that people are asked to agree to: e-mail, unless the vendor learns of others only."""
    carried = _unanswered(spec).carried_consents()
    return "email" if not carried or "email" in carried else min(carried)


def _unanswered(spec: ActionSpec) -> Options:
    """Return options in which those that a form must give are not known yet; none of them makes the needs fewer."""
    unknown: dict[str, Any] = {name: {} for name, field in spec.options.model_fields.items() if field.is_required()}
    return spec.options.model_construct(**unknown)


def interview() -> Wanted:
    """Ask everything, each answer again until it can be used."""
    title = _ask("Title, for people")
    origin = _ask("Website that shows the form", clean=_origin, hint="scheme and host, like https://www.example.com")
    spec = _ask_spec()
    region = ""
    fields = ["first_name", "last_name"] if typer.confirm("Ask for the name?", default=True, err=True) else []
    if "phone" in needed_fields(spec) or typer.confirm("Ask for a phone number?", default=False, err=True):
        fields.append("phone")
        region = _ask(
            "Country of numbers that are written without +, if there is one",
            default="",
            clean=_region,
            hint="two letters, like DE",
        )
    channel = channel_of(spec)
    statement = _ask("What people agree to", default=f"Send me news by {channel}. I can stop at any time.")
    is_purpose = typer.confirm(
        "Is that what the form is for, so that nobody signs up without it?", default=True, err=True
    )
    notice = _ask(
        "Address of the privacy notice, if there is one",
        default="",
        clean=_address_or_none,
        hint="starts with https://",
    )
    connection = _ask("Name of the connection", default=spec.vendor, clean=_name, hint="letters, digits, - and _")
    options = _ask_options(spec, ("email", *fields, f"consent.{channel}"))
    return Wanted(
        title, origin, channel, tuple(fields), region, statement, is_purpose, notice, connection, spec, options
    )


def _ask_spec() -> ActionSpec:
    names = {f"{vendor} {action}": spec for (vendor, action), spec in sorted(ACTIONS.items())}
    vendors = [vendor for vendor, _ in ACTIONS]
    # A vendor with one action needs no second word.
    short = {vendor: f"{vendor} {action}" for vendor, action in ACTIONS if vendors.count(vendor) == 1}

    def spec_name(text: str) -> str | None:
        name = short.get(text, text)
        return name if name in names else None

    typer.echo(
        "\n".join(["Vendors, and what is done there (docs/vendors.md):", *(f"  {name}" for name in names)]), err=True
    )
    return names[_ask("Vendor and action", default="pulse upsert", clean=spec_name, hint="one of the list")]


def _ask_options(spec: ActionSpec, places: Sequence[str]) -> dict[str, Any]:
    """Ask for the options that have no default."""
    options: dict[str, Any] = {}
    required = {name: field for name, field in spec.options.model_fields.items() if field.is_required()}
    if required:
        typer.echo(f"Now the vendor's own names. {IN_DOUBT}", err=True)
    for name, field in required.items():
        if field.annotation is int:
            options[name] = int(_ask(name, clean=_whole_number, hint="a whole number"))
        elif get_origin(field.annotation) is dict:
            options[name] = {
                each: _ask(f"Name of {each} in the vendor's list", default=_as_vendors_spell(each)) for each in places
            }
        else:
            options[name] = _ask(name)
    return options


def _ask(
    text: str,
    default: str | None = None,
    clean: Callable[[str], str | None] = lambda text: text or None,
    hint: str = "",
) -> str:
    """Ask until there is an answer that `clean` makes something of; it returns None for one that cannot be used."""
    while True:
        answer = str(typer.prompt(f"{text} ({hint})" if hint else text, default=default, err=True)).strip()
        cleaned = clean(answer)
        if cleaned is not None:
            return cleaned
        typer.echo(f"Cannot be used{f': {hint}' if hint else ''}.", err=True)


def _origin(text: str) -> str | None:
    """Return an origin; the slash that browsers show behind a host is none of it."""
    scheme, _, host = text.removesuffix("/").partition("://")
    return f"{scheme}://{host}" if scheme in {"http", "https"} and host and "/" not in host else None


def _address_or_none(text: str) -> str | None:
    return text if not text or text.startswith(("https://", "http://")) else None


def _region(text: str) -> str | None:
    """Return a country's code of two letters, as phone numbers are read by it, or nothing."""
    return text.upper() if not text or text.upper() in REGIONS else None


def _name(text: str) -> str | None:
    return text if ID_PATTERN.fullmatch(text) else None


def _whole_number(text: str) -> str | None:
    return text if text.isdecimal() else None


def _as_vendors_spell(place: str) -> str:
    """Return `FirstName` for `first_name`, `EmailConsent` for `consent.email`: what such fields are mostly called."""
    consent, _, channel = place.rpartition(".")
    return "".join(word.capitalize() for word in f"{channel}_{consent}".split("_"))
