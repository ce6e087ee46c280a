"""A plain form with the snippet: what the visitor sees and hears, and what is asked of the relay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.browser.website import Road, Website
from tests.support.stack import Relay

pytestmark = pytest.mark.browser


def test_a_sign_up_is_thanked_for_in_place_and_the_thanks_have_the_focus(
    visitor: Visitor, page: Page, website: Website, relay: Relay, road: Road, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/enhanced?utm_source=sentinel")
    page.evaluate("document.addEventListener('signup-relay:success', (event) => { window.told = event.detail; })")
    visitor.fills_in(email)
    picture("snippet-form")

    visitor.sends()

    thanks = page.get_by_role("status")
    expect(thanks).to_have_text("Thank you. We have received your sign-up.")
    expect(thanks).to_be_focused()
    expect(page.locator("form")).to_be_hidden()
    picture("snippet-thanks")
    assert page.evaluate("told.status") == "delivered"
    assert page.url == f"{website.url}/enhanced?utm_source=sentinel"
    (contact,) = relay.held("pulse", email)
    assert contact["firstName"] == "Sentinella"
    (post,) = road.posts()
    assert post.headers["accept"] == "application/json"
    assert post.headers["referer"] == f"{website.url}/enhanced"
    assert "cookie" not in post.headers


def test_refused_fields_are_told_at_their_inputs_and_the_first_has_the_focus(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/enhanced")
    visitor.fills_in("sentinel@localhost", given_name="Sentinella " * 3)
    page.get_by_label("Something that the form does not know").check()

    visitor.sends()

    expect(page.get_by_role("alert")).to_have_text("Some entries are missing or not valid.")
    address, name = page.get_by_label("Email"), page.get_by_label("First name")
    expect(address).to_be_focused()
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description("Please enter a valid email address.")
    expect(name).to_have_accessible_description("This is too long. As we should address you.")
    for choice in page.get_by_role("radio").all():
        expect(choice).to_have_accessible_description("Please choose one of the options.")
    expect(page.get_by_label("Send me the monthly newsletter")).not_to_have_attribute("aria-invalid", "true")
    picture("snippet-refused-fields")
    assert relay.held("pulse", "sentinel@localhost") == []

    visitor.fills_in(email, given_name="Sentinella")
    expect(address).not_to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description("")
    expect(name).to_have_accessible_description("As we should address you.")
    page.get_by_label("Events").check()
    expect(page.locator(".signup-relay-error")).to_have_count(0)
    visitor.sends()

    visitor.is_thanked()
    assert len(relay.held("pulse", email)) == 1


def test_two_presses_of_the_button_are_one_sign_up(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    page.get_by_role("button", name="Sign up").dblclick()

    visitor.is_thanked()
    assert len(road.posts()) == 1
    assert relay.events(email) == ["subscribeFromApi-newsletter"]


def test_the_visitor_hears_that_it_is_being_sent(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    relay.stack.twins["pulse"].fail("latency", seconds=0.5)
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    visitor.sends()

    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("status")).to_have_text("Sending …")
    visitor.is_thanked()


def test_an_outage_of_a_vendor_is_invisible(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    relay.stack.twins["pulse"].stop()
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        visitor.sends()

    assert answer.value.status == 202
    visitor.is_thanked()
    picture("snippet-outage")


def test_a_changed_entry_is_another_sign_up_and_the_same_entries_are_the_same_one(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/enhanced")
    page.evaluate("document.addEventListener('signup-relay:success', (event) => event.preventDefault())")
    visitor.fills_in(email)
    for name in (None, None, "Sentinella II"):
        if name:
            page.get_by_label("First name").fill(name)
        visitor.sends()
        expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")

    first, second, third = road.keys()
    assert first == second != third
    assert [contact["firstName"] for contact in relay.held("pulse", email)] == ["Sentinella II"]


def test_a_value_that_a_script_changed_unnoticed_is_another_sign_up(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/enhanced")
    page.evaluate("document.addEventListener('signup-relay:success', (event) => event.preventDefault())")
    visitor.fills_in(email)
    visitor.sends()
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    page.evaluate("document.getElementById('given_name').value = 'Sentinella III'")

    visitor.sends()
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")

    first, conflicting, fresh = road.keys()
    assert first == conflicting != fresh
    assert [contact["firstName"] for contact in relay.held("pulse", email)] == ["Sentinella III"]


def test_the_page_can_take_over_after_success(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    visitor.opens("/enhanced")
    page.evaluate("""document.addEventListener("signup-relay:success", (event) => {
        event.preventDefault();
        location.hash = "thanks";
    })""")
    visitor.fills_in(email)

    visitor.sends()

    page.wait_for_url("**/enhanced#thanks")
    expect(page.locator("form")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)


def test_the_page_can_say_it_in_its_own_words_and_place(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/own-words")
    visitor.fills_in(email)

    visitor.sends()

    expect(page.locator("#said").get_by_role("status")).to_have_text("Danke!")


def test_a_form_is_enhanced_whenever_it_came_into_the_page(
    visitor: Visitor, page: Page, relay: Relay, email: str
) -> None:
    visitor.opens("/enhanced")
    page.evaluate("document.querySelector('main').innerHTML = document.querySelector('main').innerHTML")
    visitor.fills_in(email)

    visitor.sends()

    visitor.is_thanked()


def test_a_filled_honeypot_looks_like_success(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    visitor.opens("/enhanced")
    visitor.fills_in(email)
    page.evaluate("document.querySelector('[name=website]').value = 'https://spam.example.com'")

    visitor.sends()

    visitor.is_thanked()
    assert relay.held("pulse", email) == []


def test_a_visitor_faster_than_a_time_token_allows_is_waited_for(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    visitor.opens("/guarded")
    visitor.fills_in(email)

    visitor.sends()

    visitor.is_thanked()
    assert len(relay.held("pulse", email)) == 1
    assert [each.path for each in road.passed if each.path.endswith("/token")] == ["/forms/guarded/token"]


def test_a_visitor_who_can_have_no_time_token_is_told_rather_than_taken_for_a_bot(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    page.route("**/token", lambda route: route.fulfill(status=503, headers={"access-control-allow-origin": "*"}))
    visitor.opens("/guarded")
    visitor.fills_in(email)
    visitor.sends()
    expect(page.get_by_role("alert")).to_have_text("Reload the page, fill in the form again and send it.")

    page.unroute("**/token")
    visitor.sends()

    visitor.is_thanked()
    assert len(relay.held("pulse", email)) == 1


def test_a_form_without_the_mark_is_left_alone(visitor: Visitor, page: Page, relay: Relay, email: str) -> None:
    visitor.opens("/plain")
    visitor.fills_in(email)

    visitor.sends()

    expect(page).to_have_title("Thank you - Newsletter")
