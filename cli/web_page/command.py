"""Prints what was found about a page."""

from __future__ import annotations

from dataclasses import asdict

from cli.frame.console import Console, counted
from cli.web_page.check_page import check_page
from cli.web_page.fetching import Web
from cli.web_page.report import Finding
from shared.forms import Forms


def run_page_check(url: str, forms: Forms, console: Console, *, as_json: bool) -> int:
    """Check a page and print the report. Returns 1 where a sign-up would fail or be wrong; warnings are not.

    Raises:
        Unreachable: the page cannot be fetched.
    """
    with Web() as web:
        report = check_page(url, forms, web)
    if as_json:
        console.json(asdict(report))
        return 1 if report.problems else 0
    for problem in report.problems:
        console.say(f"{_place(problem)}: {problem['reason']}")
    for warning in report.warnings:
        console.say(f"{_place(warning, 'warning')}: {warning['reason']}")
    totals = [counted(len(report.forms), "form"), counted(len(report.problems), "problem")]
    console.say(", ".join([*totals, *([counted(len(report.warnings), "warning")] if report.warnings else [])]))
    return 1 if report.problems else 0


def _place(finding: Finding, kind: str = "") -> str:
    return ": ".join(part for part in (finding["form"] or "page", kind, finding["key"]) if part)
