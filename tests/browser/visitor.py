"""What a visitor does on the website."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.website import Website


class Visitor:
    """Somebody in front of the browser."""

    def __init__(self, page: Page, website: Website) -> None:
        self._page = page
        self._website = website

    def opens(self, path: str) -> None:
        """Open a page of the website."""
        self._page.goto(self._website.url + path)

    def fills_in(self, email: str, given_name: str = "Sentinella") -> None:
        """Fill in the form and agree."""
        self._page.get_by_label("Email").fill(email)
        self._page.get_by_label("First name").fill(given_name)
        self._page.get_by_label("Send me the monthly newsletter").check()

    def sends(self) -> None:
        """Press the button."""
        self._page.get_by_role("button", name="Sign up").click()

    def is_thanked(self) -> None:
        """Wait for the snippet's thanks."""
        expect(self._page.get_by_role("status")).to_have_text("Thank you. We have received your sign-up.")
