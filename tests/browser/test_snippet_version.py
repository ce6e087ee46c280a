"""The snippet under the address of one version: browsers run it if its bytes are the ones that the page states."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from cli.snippet import script_tag
from tests.browser.pages import PAGES
from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website
from tests.support.stack import Relay

pytestmark = pytest.mark.browser


@pytest.fixture
def page(new_page: Page) -> Page:
    """Nothing is in the cache yet."""
    return new_page


@pytest.fixture(autouse=True)
def pinned(website: Website, visitor: Visitor, road: Road) -> None:
    """A page with the tag that `relay snippet` prints."""
    tag = script_tag(road.url).html
    website.pages["/pinned"] = f"<!doctype html><title>A website</title>{tag}{PAGES['/enhanced']}".replace(
        "RELAY", road.url
    )


def test_the_stated_version_runs(visitor: Visitor, page: Page, relay: Relay, road: Road, email: str) -> None:
    visitor.opens("/pinned")
    visitor.fills_in(email)

    visitor.sends()

    visitor.is_thanked()
    assert [each.path.rpartition("/")[0] for each in road.passed if each.path.endswith(".js")] == ["/assets"]
    assert len(relay.held("pulse", email)) == 1


def test_a_version_with_one_changed_byte_does_not_run_and_the_form_works_as_a_plain_one(
    visitor: Visitor, page: Page, relay: Relay, email: str
) -> None:
    def tamper(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("Thank you", "Thank yoo"))

    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.route("**/assets/*", tamper)
    visitor.opens("/pinned")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Thank you - Newsletter")
    assert any("integrity" in text for text in said)
    assert len(relay.held("pulse", email)) == 1


def test_a_browser_asks_for_a_version_once(visitor: Visitor, page: Page, road: Road) -> None:
    visitor.opens("/pinned")
    visitor.opens("/pinned")
    expect(page.get_by_role("button", name="Sign up")).to_be_visible()

    assert len([each for each in road.passed if each.path.startswith("/assets/")]) == 1
