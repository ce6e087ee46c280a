"""The examples of `docs/website.md`, used as they stand there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guide import example
from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website
from tests.support.stack import Relay

pytestmark = pytest.mark.browser

HIDDEN = '<meta name="referrer" content="no-referrer">'


def _example(kind: str, number: int, road: Road) -> str:
    return example(kind, number).replace("https://relay.example.com", road.url)


def test_the_plain_form_works(
    visitor: Visitor, page: Page, website: Website, relay: Relay, road: Road, email: str
) -> None:
    website.pages["/guide"] = _example("html", 0, road)
    visitor.opens("/guide")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Thank you - Newsletter")
    assert len(relay.held("pulse", email)) == 1


def test_the_form_with_the_snippet_works(
    visitor: Visitor, page: Page, website: Website, relay: Relay, road: Road, email: str
) -> None:
    website.pages["/guide"] = _example("html", 2, road)
    website.pages["/thanks"] = "<title>Thanks</title>"
    visitor.opens("/guide")
    page.evaluate(_example("js", 0, road))
    visitor.fills_in(email)

    visitor.sends()

    page.wait_for_url("**/thanks")
    assert len(relay.held("pulse", email)) == 1


def test_the_script_of_ones_own_works(visitor: Visitor, page: Page, relay: Relay, road: Road, email: str) -> None:
    visitor.opens("/plain")
    script, url = _example("js", 1, road), f"{road.url}/forms/newsletter"
    call = f"([url, values]) => {{ {script} return signUp(url, values, crypto.randomUUID()); }}"

    assert page.evaluate(call, [url, {"email": email, "news": True}])["status"] == "delivered"
    refused = page.evaluate(call, [url, {"email": "sentinel@localhost"}])
    assert refused["status"] == 422
    assert refused["errors"][0]["field"] == "email"


def test_a_plain_form_on_a_page_that_hides_its_referrer_is_refused(
    visitor: Visitor, page: Page, website: Website, road: Road, email: str
) -> None:
    website.pages["/guide"] = HIDDEN + _example("html", 0, road)
    visitor.opens("/guide")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Sign-up not allowed - Newsletter")
    assert road.posts()[0].headers["origin"] == "null"


def test_the_snippet_on_such_a_page_is_not_affected(visitor: Visitor, website: Website, road: Road, email: str) -> None:
    website.pages["/guide"] = HIDDEN + _example("html", 2, road)
    visitor.opens("/guide")
    visitor.fills_in(email)

    visitor.sends()

    visitor.is_thanked()


def test_the_form_tells_the_vendor_where_its_visitor_came_from(
    visitor: Visitor, page: Page, website: Website, relay: Relay, road: Road, email: str
) -> None:
    website.pages["/guide"] = _example("html", 3, road) + f'<script src="{road.url}/signup-relay.js"></script>'
    visitor.opens("/guide?utm_source=letter&gclid=c1")
    page.get_by_label("Email").fill(email)

    visitor.sends()

    visitor.is_thanked()
    (contact,) = relay.held("pulse", email)
    assert contact["customFields"] == {
        "utmSource": "letter",
        "gclid": "c1",
        "landingPage": f"{website.url}/guide",
    }
