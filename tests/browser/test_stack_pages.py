"""The embedded stack's own pages, as a newcomer meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.stack import Relay

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script_enabled", [False])
def test_a_newcomer_signs_up_and_finds_the_contact_at_both_twins(
    page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    page.goto(relay.stack.url)
    picture("stack-forms")
    form = page.locator('form[action="/forms/newsletter"]')
    form.get_by_label("Email").fill(email)
    form.get_by_label("Send me the monthly newsletter").check()

    form.get_by_role("button", name="Sign up").click()

    expect(page).to_have_title("Thank you - Newsletter")
    page.goto(relay.stack.url)
    page.get_by_role("link", name="Twins", exact=True).click()
    for vendor in ("Pulse", "eSputnik / Yespo"):
        expect(page.get_by_role("region", name=vendor, exact=True)).to_contain_text(email)
    picture("stack-twins")


def test_a_newcomer_tries_the_snippet(page: Page, relay: Relay, email: str, picture: Callable[[str], None]) -> None:
    page.goto(relay.stack.url)
    page.get_by_role("link", name="Try them with the snippet").click()
    form = page.locator('form[action="/forms/newsletter"]')
    form.get_by_label("Email").fill("sentinel@localhost")
    form.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_be_visible()
    picture("stack-snippet")
    form.get_by_label("Email").fill(email)

    form.get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("status")).to_be_focused()
    assert len(relay.held("esputnik", email)) == 1


def test_no_page_scrolls_sideways_on_a_telephone(page: Page, relay: Relay, picture: Callable[[str], None]) -> None:
    relay.sign_up(relay.person())
    page.set_viewport_size({"width": 375, "height": 800})

    widths = {}
    for path in ("/", "/?snippet", "/timeline", "/twins", "/thanks/led-on"):
        page.goto(relay.stack.url + path)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
        picture(f"stack-narrow-{path.strip('/?').replace('/', '-') or 'forms'}")

    assert set(widths.values()) == {375}, widths


def test_the_twins_page_shows_a_new_contact_by_itself_and_keeps_what_is_open(
    page: Page, relay: Relay, email: str
) -> None:
    relay.sign_up({"email": relay.person()["email"], "news": True})
    page.goto(f"{relay.stack.url}/twins")
    pulse = page.get_by_role("region", name="Pulse", exact=True)
    pulse.get_by_text("Requests: ").click()
    page.evaluate("document.activeElement.blur()")

    relay.sign_up({"email": email, "news": True})

    expect(pulse).to_contain_text(email)
    expect(pulse.get_by_role("region", name="Requests")).to_be_visible()


def test_a_button_leads_back_to_its_vendor(page: Page, relay: Relay) -> None:
    page.goto(f"{relay.stack.url}/twins")
    whautomate = page.get_by_role("region", name="Whautomate", exact=True)

    whautomate.get_by_role("button", name="Stop it: an outage").click()

    expect(whautomate).to_contain_text("stopped")
    expect(whautomate.get_by_role("heading")).to_be_in_viewport()


def test_an_outage_is_made_and_mended_by_keyboard_while_the_timeline_tells_it(
    page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    # Given the timeline, and a vendor that is stopped by keyboard
    page.goto(f"{relay.stack.url}/timeline")
    pulse = page.get_by_role("region", name="Pulse", exact=True)
    pulse.get_by_role("button", name="Outage").press("Enter")
    expect(pulse).to_contain_text("stopped")

    # When somebody signs up
    accepted = relay.sign_up({"email": email, "news": True}).json()
    card = page.get_by_role("article").filter(has=page.get_by_title(f"submission {accepted['submissionId']}"))

    # Then the page shows by itself that one delivery waits and why, and the button keeps the focus meanwhile
    restart = pulse.get_by_role("button", name="Start it again")
    restart.focus()
    expect(card).to_contain_text("queued: the vendor cannot be reached")
    expect(restart).to_be_focused()
    picture("stack-timeline")

    # And once the vendor is back, that it was delivered
    restart.press("Enter")
    expect(card.get_by_role("listitem").filter(has_text="pulse-us").first).to_contain_text("delivered")


@pytest.mark.parametrize("script_enabled", [False])
def test_without_script_the_timeline_says_how_to_see_what_is_new(page: Page, relay: Relay) -> None:
    page.goto(f"{relay.stack.url}/timeline")
    page.get_by_label("Form").select_option("newsletter")

    page.get_by_role("button", name="Sign up").click()

    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("article").first).to_contain_text("Newsletter")
