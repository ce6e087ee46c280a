"""`relay new form`: asks what a form needs, writes its file, checks it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option

from cli.frame.console import Console
from cli.frame.options import FORMS, Json
from cli.frame.session import Session, commands, session_of
from cli.frame.target import Target
from cli.new.interview import interview
from cli.new.writing import form_text
from shared.errors import ConfigurationError
from shared.forms import FormBroken
from shared.forms.form_warnings import warnings_of
from shared.forms.key_types import ID_PATTERN
from shared.forms.loading import FILE_NAME_RULE, parse_form

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
    if not ID_PATTERN.fullmatch(form_id):
        raise ConfigurationError(f"{form_id}: {FILE_NAME_RULE}")
    file = (folder or Path(os.environ.get("FORMS_DIR") or FORMS)) / f"{form_id}.toml"
    if file.exists():
        raise ConfigurationError(f"{file} exists")
    if not file.parent.is_dir():
        raise ConfigurationError(f"there is no folder {file.parent}")
    wanted = interview()
    text = form_text(wanted)
    problems, warnings = _checked(form_id, text)
    if not problems:
        file.write_text(text, encoding="utf-8")
    if as_json:
        written = None if problems else str(file)
        session.console.json({"file": written, "problems": problems, "warnings": warnings})
    else:
        _print(file, problems, warnings, session.console)
    if not problems:
        _tell_next(form_id, wanted.connection, session)
    return 1 if problems else 0


def _checked(form_id: str, text: str) -> tuple[list[str], list[str]]:
    """Return what is wrong with a form file's text, and what probably is."""
    try:
        return [], [str(warning) for warning in warnings_of(parse_form(form_id, text))]
    except FormBroken as broken:
        return broken.problems, []


def _print(file: Path, problems: list[str], warnings: list[str], console: Console) -> None:
    for problem in problems:
        console.warn(f"not written: {problem}")
    for warning in warnings:
        console.warn(f"warning: {warning}")
    if not problems:
        console.say(f"wrote {file}")


def _tell_next(form_id: str, connection: str, session: Session) -> None:
    """Tell the next commands as they can be typed, for each stack that may be meant."""
    target = session.target
    if target.stack is None:
        here = Target(local=True).as_typed()
        session.console.warn(f"next, with `make run`: {here} check --live {connection}, then {here} send {form_id}")
    if not target.local:
        there = replace(target, stack=target.stack or "NAME").as_typed()
        session.console.warn(f"next, on AWS: {there} connection add {connection}, then deploy the form")
