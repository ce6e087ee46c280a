"""The stack's own pages."""

import re
import shlex
from html import unescape
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.stack.conftest import Relay

pytestmark = pytest.mark.stack


def test_the_first_page_has_a_form_for_each_definition_with_its_curl_commands(relay: Relay) -> None:
    page = relay.client.get("/").text

    assert 'action="/forms/newsletter"' in page
    assert '<input id="newsletter-email" name="email" type="email" required autocomplete="email">' in page
    assert "Send me the monthly newsletter." in page
    assert "<option>An event</option>" in page
    assert f"curl -i {relay.stack.url}/forms/newsletter" in page
    assert "forms/broken.toml" in page


def test_every_printed_curl_command_is_accepted(relay: Relay) -> None:
    page = relay.client.get("/").text
    commands = [shlex.split(unescape(text)) for text in re.findall(r"<pre>(curl .*?)</pre>", page, re.DOTALL)]

    answers = [_run(relay, command) for command in commands]

    assert len(commands) >= 10
    assert [answer.text for answer in answers if not answer.is_success] == []


def _run(relay: Relay, curl: list[str]) -> httpx.Response:
    headers = (each.split(": ", 1) for flag, each in pairwise(curl) if flag == "-H")
    return relay.client.post(curl[2], headers=dict(headers), content=curl[curl.index("--data") + 1])


def test_the_twins_page_shows_contacts_events_requests_and_queues(relay: Relay) -> None:
    person = relay.person()
    relay.sign_up(person)

    page = relay.client.get("/twins").text

    assert person["email"] in page
    assert "subscribeFromApi-newsletter" in page
    assert "/v1/contact/subscribe" in page
    assert "RetryQueue" in page
    assert "DeadLetterQueue" in page


def test_a_form_file_that_is_added_works_at_once(relay: Relay, forms: Path) -> None:
    text = (forms / "partner.toml").read_text().replace('name = "pulse-us"', 'name = "pulse-eu"')
    (forms / "added.toml").write_text(text.replace("Partner leads", "Added while it runs"))

    assert "Added while it runs" in relay.client.get("/").text
    person = {"email": relay.person()["email"], "partner": "Example Travel"}
    assert relay.sign_up(person, form="added").json()["status"] == "delivered"


def test_buttons_stop_and_start_a_twin(relay: Relay) -> None:
    origin, pulse = {"origin": relay.stack.url}, relay.stack.twins["pulse"]

    assert relay.client.post("/twins/pulse/stop", headers=origin).headers["location"] == "/twins"
    assert pulse.stopping.is_set()
    assert "stopped" in relay.client.get("/twins").text
    relay.client.post("/twins/pulse/start", headers=origin)
    relay.client.post("/twins/pulse/start", headers=origin)
    assert not pulse.stopping.is_set()
    assert relay.sign_up(relay.person()).status_code == 200


@pytest.mark.parametrize("origin", ["https://www.example.com", "null", ""])
def test_another_websites_page_cannot_press_a_button(relay: Relay, origin: str) -> None:
    answer = relay.client.post("/twins/pulse/stop", headers={"origin": origin})

    assert answer.status_code == 403
    assert not relay.stack.twins["pulse"].stopping.is_set()


def test_values_are_escaped(relay: Relay) -> None:
    relay.sign_up(relay.person(given_name="<b>Sentinella</b>"))

    page = relay.client.get("/twins").text

    assert "<b>Sentinella" not in page
    assert "&lt;b&gt;Sentinella" in page
