"""Attribution: hidden inputs tell where a visitor came from; nothing is stored for forms without them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page, Route

from shared.snippet import current_snippet
from tests.support.matrix import first_and_others

pytestmark = pytest.mark.browser

SITE = "https://www.example.com"
NAMES = ("utm_source", "utm_medium", "utm_term", "gclid", "fbclid", "msclkid", "landing_page", "referrer")
FORM = (
    '<!doctype html><title>A website</title><form data-signup-relay method="post" action="/forms/newsletter">'
    "INPUTS<button>Sign up</button></form>"
)
FOUND = "/spring/offer?utm_source=ads&utm_medium=cpc&gclid=c1&fbclid=f1&msclkid=m1&name=Ada&page=2#top"
FOUND_BESIDE = {"no JSON": "ads", "7": "", "null": "ads", '"text"': ""}
"""What another script may have left in storage → the source that is then sent."""
FIRST_TOUCH = {
    "utm_source": "ads",
    "utm_medium": "cpc",
    "utm_term": "",
    "gclid": "c1",
    "fbclid": "f1",
    "msclkid": "m1",
    "landing_page": f"{SITE}/spring/offer",
    "referrer": "https://search.example/find",
}
STORED = "() => JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage), document.cookie])"
NOTHING = '[[],[],""]'


def hidden(*names: str, value: str = "") -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{value}">' for name in names)


class Site:
    """A website whose every page has the same form."""

    def __init__(self, page: Page) -> None:
        self.inputs = hidden(*NAMES)
        self.headers: dict[str, str] = {}
        self._page = page
        page.route("**", self._serve)

    def _serve(self, route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(body="{}", headers={"Access-Control-Allow-Origin": "*"}, content_type="application/json")
        elif route.request.url.endswith(".js"):
            route.fulfill(body=current_snippet().text, content_type="text/javascript")
        else:
            script = f'<script src="{SITE}/signup-relay.js"></script>'
            body = FORM.replace("INPUTS", self.inputs) + script
            route.fulfill(body=body, headers=self.headers, content_type="text/html")

    def opens(self, path: str, referrer: str | None = None) -> None:
        self._page.goto(SITE + path, referer=referrer)

    def sent(self) -> dict[str, str]:
        """Sign up; return what was sent."""
        with self._page.expect_request(lambda request: request.method == "POST") as request:
            self._page.get_by_role("button", name="Sign up").click()
        return dict(parse_qsl(request.value.post_data or "", keep_blank_values=True))


@pytest.fixture
def site(page: Page) -> Site:
    """The website, of which the browser keeps nothing."""
    site = Site(page)
    site.opens("/signup-relay.js")  # the only page without a form
    page.evaluate("sessionStorage.clear()")
    return site


@pytest.fixture
def stored(page: Page) -> Callable[[], str]:
    """Return what the page keeps in the browser."""
    return lambda: str(page.evaluate(STORED))


def test_hidden_inputs_tell_campaign_clicks_landing_page_and_referrer_without_queries(site: Site) -> None:
    site.opens(FOUND, referrer="https://search.example/find?q=my+illness")

    assert site.sent() == FIRST_TOUCH


def test_the_first_page_of_a_session_counts_on_all_of_its_pages(site: Site) -> None:
    site.opens(FOUND, referrer="https://search.example/find?q=my+illness")
    site.opens("/sign-up?utm_source=letter&utm_term=late&gclid=c2", referrer="https://mail.example/")

    assert site.sent() == FIRST_TOUCH


def test_a_first_page_without_a_campaign_counts_as_well(site: Site) -> None:
    site.opens("/")
    site.opens("/sign-up?utm_source=letter", referrer=f"{SITE}/")

    assert site.sent() == {**dict.fromkeys(NAMES, ""), "landing_page": f"{SITE}/"}


def test_nothing_is_stored_where_no_form_has_such_inputs(site: Site, stored: Callable[[], str]) -> None:
    site.inputs = hidden("campaign_note", "utmost") + '<input name="utm_source" type="text">'
    site.opens(FOUND)

    assert site.sent() == {"campaign_note": "", "utmost": "", "utm_source": ""}
    assert stored() == NOTHING


def test_what_is_stored_is_for_the_session_and_no_cookie(site: Site, stored: Callable[[], str]) -> None:
    site.opens(FOUND)

    site.sent()

    assert '"signup-relay"' in stored()
    assert stored().endswith(',[],""]')
    assert "Ada" not in stored()


def test_an_input_that_has_a_value_is_left_alone(site: Site) -> None:
    site.inputs = hidden("utm_source", value="our own") + hidden("gclid")
    site.opens(FOUND)

    assert site.sent() == {"utm_source": "our own", "gclid": "c1"}


def test_where_storage_is_blocked_the_page_itself_counts(site: Site, page: Page) -> None:
    site.headers = {"Content-Security-Policy": "sandbox allow-scripts allow-forms"}  # an origin without storage
    site.opens(FOUND, referrer="https://search.example/find?q=my+illness")
    blocked = page.evaluate("() => { try { sessionStorage; return false } catch { return true } }")

    assert blocked
    assert site.sent() == FIRST_TOUCH


@pytest.mark.parametrize("kept", first_and_others(FOUND_BESIDE))
def test_what_another_script_left_in_storage_does_no_harm(site: Site, page: Page, kept: str) -> None:
    site.inputs = ""
    site.opens("/")
    page.evaluate("(kept) => sessionStorage.setItem('signup-relay', kept)", kept)
    site.inputs = hidden("utm_source")
    site.opens(FOUND)

    assert site.sent() == {"utm_source": FOUND_BESIDE[kept]}
