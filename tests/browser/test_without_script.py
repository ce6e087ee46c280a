"""A plain form in a browser that runs no scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.browser.website import Road
from tests.support.stack import Relay

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("script_enabled", [False])]


def test_a_sign_up_ends_on_the_page_that_the_form_names(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    visitor.opens("/led-on")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_url(f"{relay.stack.url}/thanks/led-on")
    assert len(relay.held("pulse", email)) == 1


def test_a_sign_up_is_thanked_for_where_the_form_names_no_page(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/plain")
    visitor.fills_in(email)
    picture("no-script-form")

    with page.expect_navigation() as navigation:
        visitor.sends()

    assert navigation.value.status == 200
    expect(page).to_have_title("Thank you - Newsletter")
    expect(page.get_by_role("main")).to_contain_text("We have received your sign-up.")
    picture("no-script-thanks")
    (contact,) = relay.held("pulse", email)
    assert contact["firstName"] == "Sentinella"


def test_a_refused_field_is_named_on_a_page_of_its_own_and_the_entries_are_still_there(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/plain")
    visitor.fills_in("sentinel@localhost")

    with page.expect_navigation() as navigation:
        visitor.sends()

    assert navigation.value.status == 422
    expect(page).to_have_title("Please check your entries - Newsletter")
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text("Email: Please enter a valid email address.")
    assert "sentinel" not in page.content()
    picture("no-script-refused-field")
    page.go_back()
    expect(page.get_by_label("First name")).to_have_value("Sentinella")
    page.get_by_label("Email").fill(email)
    visitor.sends()
    expect(page).to_have_title("Thank you - Newsletter")
    assert len(relay.held("pulse", email)) == 1


def test_a_german_form_refuses_in_german(visitor: Visitor, page: Page, relay: Relay) -> None:
    visitor.opens("/deutsch")
    visitor.fills_in("sentinel@localhost")

    visitor.sends()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading")).to_have_text("Bitte prüfen Sie Ihre Angaben")
    expect(page.get_by_role("listitem")).to_have_text("Email: Das ist keine E-Mail-Adresse.")


def test_an_outage_of_a_vendor_is_invisible(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    relay.stack.twins["pulse"].stop()
    visitor.opens("/plain")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Thank you - Newsletter")
    assert len(relay.held("esputnik", email)) == 1


def test_two_presses_of_the_button_make_one_contact(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/plain")
    visitor.fills_in(email)

    page.get_by_role("button", name="Sign up").dblclick(no_wait_after=True)

    expect(page).to_have_title("Thank you - Newsletter")
    assert len(relay.held("pulse", email)) == 1
    assert relay.events(email) == ["subscribeFromApi-newsletter"]
