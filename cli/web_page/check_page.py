"""Checks a web page: whether a sign-up on it would arrive, as the form file says it should.

The page is read as it is sent: no script runs, so a form that a script adds is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from cli.web_page.check_consents import check_consents
from cli.web_page.check_fields import check_fields
from cli.web_page.check_posting import check_posting
from cli.web_page.check_screening import check_screening
from cli.web_page.check_snippet import check_snippet
from cli.web_page.document import Document, PageForm
from cli.web_page.fetching import Unreachable, Web
from cli.web_page.report import Findings, PageReport
from cli.web_page.scene import Scene
from cli.web_page.styles import Styles
from shared.forms import FormBroken, FormNotFound, Forms
from shared.problems import near

_ADDRESS = re.compile(r"(?P<relay>.*)/forms/(?P<form>[^/]+)/?")


CHECKS: tuple[Callable[[Scene], None], ...] = (
    check_posting,
    check_fields,
    check_consents,
    check_screening,
    check_snippet,
)


def check_page(url: str, forms: Forms, web: Web) -> PageReport:
    """Fetch a page and check each form of ours on it.

    Raises:
        Unreachable: the page cannot be fetched, or is no HTML.
    """
    document = _document(web, url)
    report = PageReport(document.url)
    page = Findings(report)
    styles = Styles(document.tree, [*_linked_sheets(document, web, page), *document.own_styles()])
    for on_page in document.forms():
        _check_form(on_page, document, styles, forms, web, report)
    if not report.forms and not report.problems:
        reason = "no form on this page posts to …/forms/<form id>; forms that a script adds are not seen"
        page.problem("form", reason)
    return report


def _document(web: Web, url: str) -> Document:
    fetched = web.get(url)
    kind = fetched.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if kind not in {"text/html", "application/xhtml+xml"}:
        raise Unreachable(f"{fetched.url} is {kind}, not a web page")
    return Document(fetched)


def _linked_sheets(document: Document, web: Web, page: Findings) -> list[str]:
    sheets = []
    for address in document.style_sheets():
        try:
            sheets.append(web.get(address).content.decode("utf-8", "replace"))
        except Unreachable as error:
            page.warning("style sheet", f"{error}: what it hides is not known")
    return sheets


def _check_form(
    on_page: PageForm, document: Document, styles: Styles, forms: Forms, web: Web, report: PageReport
) -> None:
    address = _ADDRESS.fullmatch(urlsplit(on_page.action)._replace(query="", fragment="").geturl())
    if address is None:
        return
    form_id = address["form"]
    found = Findings(report, form_id)
    try:
        form = forms.get(form_id)
    except FormNotFound:
        known = forms.ids()
        found.problem("action", f"there is no form {form_id}{near(form_id, known)}")
        return
    except FormBroken as broken:
        found.problem("action", f"the form file is broken: {'; '.join(broken.problems)}")
        return
    report.forms.append(form_id)
    scene = Scene(document, styles, on_page, form, address["relay"], web, found)
    for check in CHECKS:
        check(scene)
