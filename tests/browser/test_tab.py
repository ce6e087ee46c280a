"""The tab that tests share: one does not see what another has left, and no script's error passes unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.tab import SIZE, leave, without_errors
from tests.browser.website import Website

pytestmark = pytest.mark.browser


def test_the_next_visitor_finds_nothing_of_the_one_before(page: Page, website: Website) -> None:
    website.pages["/visited"] = "<title>Visited</title>"
    page.goto(f"{website.url}/visited")
    page.evaluate("sessionStorage.setItem('of', 'the one before')")
    page.route("**/visited", lambda route: route.fulfill(body="<title>Of the one before</title>"))
    page.set_viewport_size({"width": 375, "height": 800})
    page.emulate_media(color_scheme="dark")

    leave(page, website, script_enabled=True)

    page.goto(f"{website.url}/visited")
    assert page.title() == "Visited"
    assert page.evaluate("sessionStorage.length") == 0
    assert page.viewport_size == SIZE
    assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")


def test_an_error_of_a_pages_script_fails_the_test(shared_tab: Callable[[bool], Page]) -> None:
    page = shared_tab(True)

    with pytest.raises(AssertionError, match="of this page"), without_errors(page), page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('of this page'); })")
