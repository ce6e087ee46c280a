"""The snippet when the network, the gateway or the visitor's patience ends: nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.browser.website import Fault, Road
from tests.support.matrix import first_and_others
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

TOMORROW = datetime.now() + timedelta(days=1)  # noqa: DTZ005  the browser's clock has no zone either


@pytest.fixture
def page(new_page: Page) -> Page:
    """Their clock is the test's own, and some close their tab."""
    return new_page


def _tried(road: Road, times: int) -> bool:
    return len(road.posts()) == times


@pytest.mark.parametrize("fault", first_and_others(["cut after", "cut before", "throttled", "unavailable"]))
def test_a_failed_try_is_repeated_with_the_same_key_and_makes_one_contact(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str, fault: Fault
) -> None:
    page.clock.install()
    road.faults.append(fault)
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    visitor.sends()
    eventually(partial(_tried, road, 1))
    page.clock.fast_forward(1000)

    visitor.is_thanked()
    first, second = road.keys()
    assert first == second is not None
    assert len(relay.held("pulse", email)) == 1
    eventually(lambda: relay.events(email) == ["subscribeFromApi-newsletter"])


def test_when_nothing_helps_the_visitor_is_told_and_can_send_again_with_the_same_key(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str, picture: Callable[[str], None]
) -> None:
    page.clock.install()
    road.faults.extend(["cut before"] * 5)
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    visitor.sends()
    for tries in range(1, 6):
        eventually(partial(_tried, road, tries))
        page.wait_for_timeout(50)
        page.clock.fast_forward(20_000)

    expect(page.get_by_role("alert")).to_have_text("We could not reach the server. Please try again.")
    expect(page.locator("form")).to_be_visible()
    picture("snippet-unreachable")
    visitor.sends()
    visitor.is_thanked()
    assert len(set(road.keys())) == 1
    assert len(relay.held("pulse", email)) == 1


def test_a_wait_that_is_too_long_for_a_visitor_is_told_at_once(
    visitor: Visitor, page: Page, road: Road, email: str
) -> None:
    road.faults.append("throttled for an hour")
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    visitor.sends()

    expect(page.get_by_role("alert")).to_have_text("Please wait a moment and try again.")
    assert len(road.posts()) == 1


@pytest.mark.parametrize("path", first_and_others(["/elsewhere", "/no-such-form"]))
def test_a_form_that_the_page_may_not_use_fails_visibly(visitor: Visitor, page: Page, road: Road, path: str) -> None:
    page.clock.install()
    visitor.opens(path)
    visitor.fills_in("sentinel@example.com")

    visitor.sends()
    for _ in range(6):
        page.wait_for_timeout(100)
        page.clock.fast_forward(20_000)

    expect(page.get_by_role("alert")).to_be_visible()
    assert road.posts() == []  # the preflight was refused, so nothing personal left the browser


@pytest.mark.parametrize("under_way", first_and_others(["OPTIONS", "POST"]))
def test_a_tab_closed_right_after_the_press_loses_nothing(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str, under_way: str
) -> None:
    road.pauses[under_way] = 0.5
    visitor.opens("/enhanced")
    visitor.fills_in(email)
    page.context.new_page()  # the browser stays

    visitor.sends()
    eventually(lambda: road.passed[-1].method == under_way)
    page.close()

    eventually(lambda: relay.held("pulse", email))
    assert len(road.posts()) == 1


def _sends_in_vain(visitor: Visitor, page: Page, road: Road) -> None:
    """Fail the first try; the second waits for a clock that stands still."""
    road.faults.append("cut before")
    page.clock.pause_at(TOMORROW)
    with page.expect_event("requestfailed"):
        visitor.sends()
    page.wait_for_timeout(100)


def test_a_tab_closed_between_two_tries_loses_nothing(
    visitor: Visitor, page: Page, relay: Relay, road: Road, email: str
) -> None:
    page.clock.install()
    visitor.opens("/enhanced")
    visitor.fills_in(email)
    page.context.new_page()

    _sends_in_vain(visitor, page, road)
    page.close()

    eventually(lambda: relay.held("pulse", email))
    assert len(road.posts()) == 2
    assert road.keys()[1] is None
    eventually(lambda: relay.events(email) == ["subscribeFromApi-newsletter"])


def test_a_tab_left_for_a_moment_sends_once(visitor: Visitor, page: Page, relay: Relay, road: Road, email: str) -> None:
    page.clock.install()
    visitor.opens("/enhanced")
    visitor.fills_in(email)

    _sends_in_vain(visitor, page, road)
    page.evaluate("""{
        Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    eventually(lambda: relay.held("pulse", email))
    page.clock.run_for(2000)

    visitor.is_thanked()
    assert len(road.posts()) == 3
    assert len(relay.held("pulse", email)) == 1
    eventually(lambda: relay.events(email) == ["subscribeFromApi-newsletter"])
