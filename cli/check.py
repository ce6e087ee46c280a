"""`relay check`: what is wrong with form files before they are deployed, and whether a vendor takes our credentials."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from cli.console import Console, counted
from cli.deployment import Connect
from cli.destinations import usable
from cli.probe import probe
from shared.errors import ConfigurationError
from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.settings import Settings

Problem = dict[str, str]


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the command."""
    parser.add_argument(
        "--forms", type=Path, metavar="DIR", help="folder of form files (default: FORMS_DIR, else forms)"
    )
    parser.add_argument(
        "--live", metavar="CONNECTION", help="try a connection's credentials with a call that only reads"
    )
    parser.add_argument("--json", action="store_true", help="answer for machines")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console, connect: Connect) -> int:
    """Check every file, or one connection. Returns 1 when something is wrong."""
    folder = arguments.forms or Path(os.environ.get("FORMS_DIR") or Settings.model_fields["forms_dir"].default)
    forms = Forms(folder)
    if not forms.ids():
        raise ConfigurationError(f"there is no form file in {folder}")
    if arguments.live:
        return probe(arguments.live, usable(forms), console, connect())
    problems = list(find_problems(forms))
    if arguments.json:
        console.json({"forms": len(forms.ids()), "problems": problems})
    else:
        for problem in problems:
            console.say(f"{problem['file']}: {problem['key']}: {problem['reason']}")
        console.say(f"{counted(len(forms.ids()), 'form')}, {counted(len(problems), 'problem')}")
    return 1 if problems else 0


def find_problems(forms: Forms) -> Iterator[Problem]:
    """Return every problem of every file, each with file, key and reason."""
    usable: list[Form] = []
    for form_id in forms.ids():
        file = f"{form_id}.toml"
        try:
            usable.append(forms.get(form_id))
        except FormBroken as broken:
            yield from (_problem(file, text) for text in broken.problems)
        except FormNotFound:
            yield _problem(file, "file name: use letters, digits, hyphen and underscore, up to 64")
    yield from _shared_names(usable)


def _shared_names(forms: list[Form]) -> Iterator[Problem]:
    """A destination's name is its secret's name: two vendors cannot share it."""
    vendors: dict[str, tuple[str, str]] = {}
    for form in forms:
        for index, destination in enumerate(form.destinations):
            vendor, first = vendors.setdefault(destination.name, (destination.spec.vendor, form.id))
            if vendor != destination.spec.vendor:
                text = f"destinations.{index}.name: {destination.name} is a connection of {vendor} in {first}.toml"
                yield _problem(f"{form.id}.toml", text)


def _problem(file: str, text: str) -> Problem:
    key, _, reason = text.partition(": ")
    return {"file": file, "key": key, "reason": reason} if reason else {"file": file, "key": "file", "reason": key}
