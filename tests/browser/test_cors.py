"""What a page's own script can read of the answers: everything on an allowed origin, nothing elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.visitor import Visitor
from tests.browser.website import Road
from tests.support.stack import Relay

pytestmark = pytest.mark.browser

CALL = """async ([url, values, headers]) => {
    try {
        const answer = await fetch(url, {
            method: "POST",
            headers: { Accept: "application/json", ...headers },
            body: new URLSearchParams(values),
        });
        return { status: answer.status, wait: answer.headers.get("Retry-After"), content: await answer.json() };
    } catch (error) {
        return { error: error.name };
    }
}"""


class Script:
    """A script in a page of the website, without the snippet."""

    def __init__(self, page: Page, road: Road) -> None:
        self._page = page
        self._road = road

    def signs_up(self, form: str, values: dict[str, str], headers: dict[str, str] | None = None) -> Any:
        return self._page.evaluate(CALL, [f"{self._road.url}/forms/{form}", values, headers or {}])


@pytest.fixture
def script(visitor: Visitor, page: Page, road: Road) -> Script:
    visitor.opens("/plain")
    return Script(page, road)


def test_a_script_reads_the_success(script: Script, relay: Relay, email: str) -> None:
    answer = script.signs_up("newsletter", {"email": email})

    assert answer["status"] == 200
    assert answer["content"]["status"] == "delivered"


def test_a_script_reads_what_is_wrong_with_a_field(script: Script, relay: Relay) -> None:
    answer = script.signs_up("newsletter", {"email": "sentinel@localhost"})

    assert answer["status"] == 422
    assert [error["code"] for error in answer["content"]["errors"]] == ["invalid_email"]


def test_a_script_reads_a_conflict(script: Script, relay: Relay, email: str) -> None:
    key = {"Idempotency-Key": f"key-of-{email.partition('@')[0]}"}
    script.signs_up("newsletter", {"email": email}, key)

    answer = script.signs_up("newsletter", {"email": email, "given_name": "Sentinella"}, key)

    assert answer["status"] == 409


def test_a_script_reads_that_a_bot_is_suspected(script: Script, relay: Relay, email: str) -> None:
    answer = script.signs_up("guarded", {"email": email})

    assert answer["status"] == 403
    assert answer["content"]["title"] == "Please try again"


def test_a_script_reads_how_long_to_wait(script: Script, relay: Relay) -> None:
    script.signs_up("brief", {})
    script.signs_up("brief", {})

    answer = script.signs_up("brief", {})  # the first one of this day or, at midnight, the second reached the limit

    assert answer["status"] == 429
    assert int(answer["wait"]) > 0


def test_a_script_elsewhere_reads_nothing_and_signs_nobody_up(
    script: Script, relay: Relay, road: Road, email: str
) -> None:
    assert script.signs_up("elsewhere", {"email": email}) == {"error": "TypeError"}
    assert [post.method for post in road.passed if post.path == "/forms/elsewhere"] == ["POST"]
    assert relay.held("pulse", email) == []


def test_a_script_elsewhere_does_not_get_past_the_preflight(script: Script, road: Road, email: str) -> None:
    answer = script.signs_up("elsewhere", {"email": email}, {"Idempotency-Key": "any"})

    assert answer == {"error": "TypeError"}
    assert [post.method for post in road.passed if post.path == "/forms/elsewhere"] == ["OPTIONS"]
