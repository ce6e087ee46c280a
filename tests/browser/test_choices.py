"""A form with choices on a telephone: by keyboard alone, with script and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.support.stack import Relay

pytestmark = pytest.mark.browser

CHOSEN = {"interests": "cardiology, paediatrics", "days": "Monday, Friday", "size": "6-20"}


@pytest.fixture(autouse=True)
def telephone(page: Page) -> None:
    """A narrow window."""
    page.set_viewport_size({"width": 375, "height": 800})


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def fill_in_by_keyboard(page: Page, email: str) -> None:
    """Go through the form from its first field to its button, which has the focus then."""
    press(page, "Tab")
    page.keyboard.type(email)
    press(page, "Tab", "Space", "Tab", "Tab", "Space")  # the first and the third of three boxes
    press(page, "Tab", "Home", "Control+ArrowDown", "Control+ArrowDown", "Control+Space")  # several of a list
    press(page, "Tab", "6")  # one of a list, by its first letter
    press(page, "Tab", "ArrowDown")  # the second of two radio buttons
    press(page, "Tab", "Space", "Tab")


def assert_delivered(relay: Relay, email: str) -> None:
    (contact,) = relay.held("pulse", email)
    assert contact["customFields"] == CHOSEN


@pytest.mark.parametrize("script_enabled", [False, True])
def test_choices_are_made_and_sent_with_the_keyboard_alone(
    visitor: Visitor,
    page: Page,
    relay: Relay,
    email: str,
    picture: Callable[[str], None],
    script_enabled: bool,
) -> None:
    name = "script" if script_enabled else "no-script"
    visitor.opens("/choices-enhanced" if script_enabled else "/choices")
    picture(f"choices-{name}-empty")
    fill_in_by_keyboard(page, email)
    expect(page.get_by_role("button", name="Sign up")).to_be_focused()
    picture(f"choices-{name}-filled")

    press(page, "Enter")

    if script_enabled:
        visitor.is_thanked()
    else:
        expect(page).to_have_title("Thank you - Newsletter")
    picture(f"choices-{name}-thanks")
    assert_delivered(relay, email)


def test_a_missing_and_a_wrong_choice_are_told_at_their_group_and_mended_by_keyboard(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/choices-enhanced")
    page.evaluate("document.querySelector('[value=oncology]').value = 'another'")
    press(page, "Tab")
    page.keyboard.type(email)
    press(page, "Enter")
    boxes = page.get_by_role("group", name="Interests").get_by_role("checkbox")
    expect(boxes.first).to_be_focused()
    for box in boxes.all():
        expect(box).to_have_accessible_description("Please choose at least one.")
    picture("choices-script-missing")

    press(page, "Tab", "Space", "Enter")  # what the form does not know
    expect(boxes.first).to_be_focused()
    expect(boxes.first).to_have_accessible_description("Please choose from the options.")
    picture("choices-script-wrong")
    press(page, "Space", "Tab", "Space", "Enter")

    visitor.is_thanked()
    assert relay.held("pulse", email)[0]["customFields"] == {"interests": "cardiology"}


@pytest.mark.parametrize("script_enabled", [False])
def test_without_script_a_missing_choice_is_named_on_a_page_and_the_entries_are_still_there(
    visitor: Visitor, page: Page, relay: Relay, email: str, picture: Callable[[str], None]
) -> None:
    visitor.opens("/choices")
    press(page, "Tab")
    page.keyboard.type(email)

    press(page, "Enter")

    expect(page.get_by_role("listitem")).to_have_text("Interests: Please choose at least one.")
    picture("choices-no-script-missing")
    page.go_back()
    expect(page.get_by_label("Email")).to_have_value(email)
    picture("choices-no-script-back")
