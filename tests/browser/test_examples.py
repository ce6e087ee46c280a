"""`examples/` for websites, in a browser as they stand there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website
from tests.support.matrix import first_and_others
from tests.support.paths import ROOT
from tests.support.stack import Relay

pytestmark = pytest.mark.browser

EXAMPLES = ROOT / "examples"
WORDPRESS = "wordpress/signup-relay.php"


def html_of(name: str, road: Road) -> str:
    """Return an example's HTML for the relay at the end of the road."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    if name == WORDPRESS:
        # What WordPress would print: its header loads the script, the plugin fills in the form's address.
        (form,) = re.findall(r"<form.*</form>", text, re.DOTALL)
        address = "https://relay.example.com/forms/newsletter"
        text = '<script src="https://relay.example.com/signup-relay.js" defer></script>' + re.sub(
            r"<\?php echo \$action; \?>", address, form
        )
    return text.replace("https://relay.example.com", road.url)


def test_the_plain_page_works(
    visitor: Visitor, page: Page, website: Website, relay: Relay, road: Road, email: str
) -> None:
    website.pages["/example"] = html_of("html/index.html", road)
    visitor.opens("/example")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Thank you - Newsletter")
    assert len(relay.held("pulse", email)) == 1


@pytest.mark.parametrize("name", first_and_others(["snippet/index.html", "webflow/embed.html", WORDPRESS]))
def test_a_page_with_the_snippet_works(
    visitor: Visitor, website: Website, relay: Relay, road: Road, email: str, name: str
) -> None:
    website.pages["/example"] = html_of(name, road)
    visitor.opens("/example")
    visitor.fills_in(email)

    visitor.sends()

    visitor.is_thanked()
    assert len(relay.held("pulse", email)) == 1
