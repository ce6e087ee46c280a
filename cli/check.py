"""`relay check`: finds mistakes in form files before they are deployed, and tries a connection's credentials."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.console import Console, counted
from cli.deployment import Connect
from cli.destinations import usable_forms
from cli.probe import probe
from shared.errors import ConfigurationError
from shared.forms import Forms
from shared.forms.checking import find_problems, find_warnings
from shared.settings import Settings


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--forms", type=Path, metavar="DIR", help="folder of form files (default: FORMS_DIR, else forms)"
    )
    parser.add_argument(
        "--live", metavar="CONNECTION", help="try a connection's credentials with a call that only reads"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: Namespace, console: Console, connect: Connect) -> int:
    """Check every file, or one connection. Returns 1 when something is wrong; warnings are not."""
    folder = arguments.forms or Path(os.environ.get("FORMS_DIR") or Settings.model_fields["forms_dir"].default)
    forms = Forms(folder)
    if not forms.ids():
        raise ConfigurationError(f"there is no form file in {folder}")
    if arguments.live:
        return probe(arguments.live, usable_forms(forms), console, connect())
    problems, warnings = list(find_problems(forms)), list(find_warnings(forms))
    if arguments.json:
        console.json({"forms": len(forms.ids()), "problems": problems, "warnings": warnings})
        return 1 if problems else 0
    for problem in problems:
        console.say(f"{problem['file']}: {problem['key']}: {problem['reason']}")
    for warning in warnings:
        console.say(f"{warning['file']}: warning: {warning['key']}: {warning['reason']}")
    totals = [counted(len(forms.ids()), "form"), counted(len(problems), "problem")]
    console.say(", ".join([*totals, *([counted(len(warnings), "warning")] if warnings else [])]))
    return 1 if problems else 0
