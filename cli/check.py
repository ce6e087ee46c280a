"""`relay check`: finds mistakes in form files before they are deployed, and tries them at a vendor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from typer import Context, Option

from cli.destinations import usable_forms
from cli.frame.console import Console, counted
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.live import check_live, print_live
from cli.web_page.command import run_page_check
from shared.errors import ConfigurationError
from shared.forms import Forms
from shared.forms.checking import find_problems, find_warnings
from shared.settings import Settings

app = commands("Find mistakes in form files, or try them at a vendor.")


@app.command()
def check(
    context: Context,
    folder: Annotated[
        Path | None, Option("--forms", metavar="DIR", help="Folder of form files (default: FORMS_DIR, else forms).")
    ] = None,
    live: Annotated[
        str | None,
        Option(metavar="CONNECTION", help="Try a connection's credentials and options with calls that only read."),
    ] = None,
    page: Annotated[
        str | None, Option(metavar="URL", help="Fetch a web page and tell whether its forms would work.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Find mistakes in form files, or try them at a vendor. Exit code 1 when something is wrong; warnings are not."""
    session = session_of(context)
    folder = folder or Path(os.environ.get("FORMS_DIR") or Settings.model_fields["forms_dir"].default)
    forms = Forms(folder)
    if not forms.ids():
        raise ConfigurationError(f"there is no form file in {folder}")
    if live:
        results = check_live(live, usable_forms(forms), session.connect())
        return print_live(results, session.console, as_json=as_json)
    if page:
        return run_page_check(page, forms, session.console, as_json=as_json)
    return _check_files(forms, session.console, as_json=as_json)


def _check_files(forms: Forms, console: Console, *, as_json: bool) -> int:
    problems, warnings = list(find_problems(forms)), list(find_warnings(forms))
    if as_json:
        console.json({"forms": len(forms.ids()), "problems": problems, "warnings": warnings})
        return 1 if problems else 0
    for problem in problems:
        console.say(f"{problem['file']}: {problem['key']}: {problem['reason']}")
    for warning in warnings:
        console.say(f"{warning['file']}: warning: {warning['key']}: {warning['reason']}")
    totals = [counted(len(forms.ids()), "form"), counted(len(problems), "problem")]
    console.say(", ".join([*totals, *([counted(len(warnings), "warning")] if warnings else [])]))
    return 1 if problems else 0
