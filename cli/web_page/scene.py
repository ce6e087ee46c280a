"""What the checks of one form on a page look at."""

from __future__ import annotations

from dataclasses import dataclass

from cli.web_page.document import Document, PageForm
from cli.web_page.fetching import Web
from cli.web_page.report import Findings
from cli.web_page.styles import Styles
from shared.forms import Form


@dataclass(frozen=True, slots=True)
class Scene:
    """One form of a page, and what it should be."""

    document: Document
    styles: Styles
    on_page: PageForm
    form: Form
    relay: str
    """Address of the relay that the form posts to, without a slash at its end."""
    web: Web
    found: Findings
