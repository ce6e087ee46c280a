"""The embedded stack's own pages, as a newcomer meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.stack.conftest import Relay

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script_enabled", [False])
def test_a_newcomer_signs_up_and_finds_the_contact_at_both_twins(
    page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    page.goto(relay.stack.url)
    picture("stack-forms")
    form = page.locator('form[action="/forms/newsletter"]')
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("Send me the monthly newsletter").check()

    form.get_by_role("button", name="Sign up").click()

    expect(page).to_have_title("Thank you - Newsletter")
    page.goto(relay.stack.url)
    page.get_by_role("link", name="Twins", exact=True).click()
    for vendor in ("Pulse", "Esputnik"):
        expect(page.get_by_role("region", name=vendor, exact=True)).to_contain_text(email)
    picture("stack-twins")


def test_a_newcomer_tries_the_snippet(page: Page, relay: Relay, email: str, picture: Callable[[str], None]) -> None:
    page.goto(relay.stack.url)
    page.get_by_role("link", name="Try them with it").click()
    form = page.locator('form[action="/forms/newsletter"]')
    form.get_by_label("E-mail").fill("sentinel@localhost")
    form.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_be_visible()
    picture("stack-snippet")
    form.get_by_label("E-mail").fill(email)

    form.get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("status")).to_be_focused()
    assert len(relay.held("esputnik", email)) == 1
