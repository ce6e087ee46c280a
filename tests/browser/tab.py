"""A browser's tab that one visitor after the other uses."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, WebError

from tests.browser.website import Website

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What Chromium is started with."""

PATIENCE = 60_000
"""Milliseconds after which something in a page counts as hung."""

SIZE: ViewportSize = {"width": 900, "height": 700}


def open_tab(browser: Browser, script_enabled: bool) -> Page:
    """Open the only tab of a context of its own."""
    context = browser.new_context(java_script_enabled=script_enabled, viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def leave(page: Page, website: Website, script_enabled: bool) -> None:
    """Leave the tab to the next visitor as good as new; the website's storage is emptied, no other site's."""
    page.unroute_all(behavior="ignoreErrors")
    page.emulate_media(color_scheme="null")
    page.set_viewport_size(SIZE)
    website.pages["/left"] = "<title>Left</title>"
    page.goto(f"{website.url}/left")
    if script_enabled:
        page.evaluate("sessionStorage.clear()")


@contextmanager
def without_errors(page: Page) -> Generator[None]:
    """Raise an `AssertionError` at the end over errors of a page's scripts inside the block."""
    errors: list[str] = []

    def note(error: WebError) -> None:
        errors.append(str(error.error))

    page.context.on("weberror", note)
    try:
        yield
    finally:
        page.context.remove_listener("weberror", note)
    assert not errors, errors
