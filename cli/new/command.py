"""`relay new form`: asks what a form needs, writes its file, checks it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option

from cli.frame.console import Console
from cli.frame.options import FORMS, Json
from cli.frame.session import commands, session_of
from cli.new.interview import interview
from cli.new.writing import form_text
from shared.errors import ConfigurationError
from shared.forms import FormBroken
from shared.forms.form_warnings import warnings_of
from shared.forms.loading import parse_form

app = commands("Write a new form, asking what it needs.")


@app.callback()
def new() -> None:
    """Write a new form, asking what it needs."""


@app.command()
def form(
    context: Context,
    form_id: Annotated[str, Argument(metavar="ID", help="The form's id: letters, digits, hyphen, underscore.")],
    folder: Annotated[
        Path | None, Option("--forms", metavar="DIR", help="Folder of form files (default: FORMS_DIR, else forms).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Ask what a form needs, write its file and check it. Exit code 1 where the check finds a mistake."""
    session = session_of(context)
    file = (folder or Path(os.environ.get("FORMS_DIR") or FORMS)) / f"{form_id}.toml"
    if file.exists():
        raise ConfigurationError(f"{file} exists")
    if not file.parent.is_dir():
        raise ConfigurationError(f"there is no folder {file.parent}")
    text = form_text(interview())
    problems, warnings = _checked(form_id, text)
    if not problems:
        file.write_text(text, encoding="utf-8")
    if as_json:
        written = None if problems else str(file)
        session.console.json({"file": written, "problems": problems, "warnings": warnings})
    else:
        _print(form_id, file, problems, warnings, session.console)
    return 1 if problems else 0


def _checked(form_id: str, text: str) -> tuple[list[str], list[str]]:
    """Return what is wrong with a form file's text, and what probably is."""
    try:
        return [], [str(warning) for warning in warnings_of(parse_form(form_id, text))]
    except FormBroken as broken:
        return broken.problems, []


def _print(form_id: str, file: Path, problems: list[str], warnings: list[str], console: Console) -> None:
    for problem in problems:
        console.warn(f"not written: {problem}")
    for warning in warnings:
        console.warn(f"warning: {warning}")
    if not problems:
        console.say(f"wrote {file}")
        console.warn(f"next: relay connection add CONNECTION, then relay send {form_id}")
