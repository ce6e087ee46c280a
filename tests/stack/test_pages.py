"""The stack's own pages."""

import re
import shlex
import time
from datetime import datetime
from html import unescape
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from local.breakages import BREAKAGES
from tests.support.stack import Relay
from tests.support.waiting import eventually

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


def test_the_html_for_a_website_has_every_input_of_the_form(relay: Relay) -> None:
    page = relay.client.get("/").text

    sources = [unescape(text) for text in re.findall(r"<pre>(&lt;form.*?)</pre>", page, re.DOTALL)]

    (newsletter,) = (source for source in sources if f'action="{relay.stack.url}/forms/newsletter"' in source)
    assert set(re.findall(r' name="(\w+)"', newsletter)) == {"email", "given_name", "news", "website"}
    assert "class=" not in newsletter
    assert "<p hidden>" in newsletter, "people must not see the honeypot"


def _refusal(relay: Relay, form: str, origin: str) -> httpx.Response:
    headers = {"accept": "text/html", "origin": origin}
    return relay.client.post(f"/forms/{form}", data={"email": relay.person()["email"], "news": "true"}, headers=headers)


def test_a_page_of_another_origin_is_shown_the_line_that_allows_it(relay: Relay, forms: Path) -> None:
    text = (forms / "newsletter.toml").read_text()
    (forms / "own-page.toml").write_text(text)
    refused = _refusal(relay, "own-page", "http://localhost:5500")

    (line,) = re.findall(r"<pre[^>]*>(allowed_origins = .*?)</pre>", refused.text)
    (forms / "own-page.toml").write_text(re.sub(r"allowed_origins = .*", unescape(line), text))

    assert refused.status_code == 403
    assert "forms/own-page.toml" in refused.text
    assert _refusal(relay, "own-page", "http://localhost:5500").is_success


def test_a_script_of_another_origin_is_told_the_line_in_json_and_the_timeline_has_it(relay: Relay) -> None:
    origin = "http://localhost:5501"

    refused = relay.sign_up(relay.person(), headers={"origin": origin})

    assert refused.status_code == 403
    assert f'forms/newsletter.toml, allowed_origins = ["https://www.example.com", "{origin}"]' in refused.json()["hint"]
    told = f'add "{origin}" to allowed_origins in forms/newsletter.toml'
    eventually(lambda: told in unescape(relay.client.get("/timeline").text))


def test_a_page_opened_from_a_file_is_told_to_be_served(relay: Relay) -> None:
    refused = _refusal(relay, "newsletter", "null")

    assert "<code>null</code>" in refused.text
    assert "python3 -m http.server 8080" in refused.text
    assert "&quot;http://localhost:8080&quot;]" in refused.text


def test_an_origin_is_escaped_in_the_explanation(relay: Relay) -> None:
    assert "<b>" not in _refusal(relay, "newsletter", "http://<b>.example.com").text


def test_the_twins_page_shows_contacts_events_requests_and_queues(relay: Relay) -> None:
    person = relay.person()
    relay.sign_up(person)
    relay.until_nothing_waits()

    page = relay.client.get("/twins").text

    assert person["email"] in page
    assert "subscribeFromApi-newsletter" in page
    assert "/v1/contact/subscribe" in page
    assert re.search(r"<td[^>]*>Retry queue</td><td[^>]*>0</td>", page)
    assert re.search(r"<td[^>]*>Dead letter queue</td>", page)


def test_vendors_have_their_own_names(relay: Relay) -> None:
    forms, twins = relay.client.get("/").text, relay.client.get("/twins").text

    for name in ("Pulse", "Which50", "Higher Logic", "eSputnik / Yespo", "Whautomate"):
        assert f">{name}</h2>" in twins
        assert f"{name} (" in forms


def test_the_twins_page_says_how_many_contacts_it_leaves_out_and_shows_no_empty_values(relay: Relay) -> None:
    for _ in range(6):
        relay.sign_up(relay.person())

    page = relay.client.get("/twins").text

    count = len(relay.stack.twins["pulse"].contacts())
    assert f"<caption>Contacts <span>latest 5 of {count}</span></caption>" in page
    (contents,) = re.findall(r'<div id="pulse-contents".*?</section>', page, re.DOTALL)
    assert "null" not in contents


def test_a_contact_shows_when_it_was_created(relay: Relay) -> None:
    person, started = relay.person(), time.time()
    relay.sign_up(person)
    eventually(lambda: relay.held("pulse", person["email"]))

    (contact,) = relay.held("pulse", person["email"])
    assert started <= datetime.fromisoformat(contact["createdAt"]).timestamp() <= time.time()


def test_a_form_file_that_is_added_works_at_once(relay: Relay, forms: Path) -> None:
    text = (forms / "partner.toml").read_text().replace('name = "pulse-us"', 'name = "pulse-eu"')
    (forms / "added.toml").write_text(text.replace("Partner leads", "Added while it runs"))

    assert "Added while it runs" in relay.client.get("/").text
    person = {"email": relay.person()["email"], "partner": "Example Travel"}
    assert relay.sign_up(person, form="added").json()["status"] == "delivered"


def test_buttons_stop_and_start_a_twin(relay: Relay) -> None:
    origin, pulse = {"origin": relay.stack.url}, relay.stack.twins["pulse"]

    assert relay.client.post("/twins/pulse/stop", headers=origin).headers["location"] == "/twins#pulse"
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
    assert f"-H 'Origin: {relay.stack.url}'" in answer.json()["message"]
    assert not relay.stack.twins["pulse"].stopping.is_set()


def test_a_stopped_vendor_shows_how_many_deliveries_wait(relay: Relay) -> None:
    pulse = relay.stack.twins["pulse"]
    pulse.stop()

    assert relay.sign_up(relay.person()).status_code == 202

    page = relay.client.get("/twins").text
    assert re.search(r'<div id="pulse-waiting"[^>]*>[1-9]\d* waiting in the retry queue</div>', page)
    assert re.search(r'<div id="esputnik-waiting"[^>]*></div>', page)


def test_deleting_all_that_a_twin_holds_needs_a_second_click(relay: Relay) -> None:
    page = relay.client.get("/twins").text

    (question,) = re.findall(r"<details class=\"confirm\">(.*?/twins/pulse/reset.*?)</details>", page)
    assert question.index("Forget everything</summary>") < question.index("<button>Yes, delete all")


def test_every_fault_is_made_and_mended_by_its_printed_curl_command(relay: Relay) -> None:
    page, twin = unescape(relay.client.get("/twins").text), relay.stack.twins["pulse"]
    printed = map(shlex.split, re.findall(r"curl -X POST .*/twins/pulse/[\w-]+", page))
    commands = {command[-1].rpartition("/")[2]: command for command in printed}

    def run(action: str) -> None:
        command = commands[action]
        answer = relay.client.post(command[-1], headers=dict([command[4].split(": ", 1)]))
        assert answer.status_code == 303

    assert commands.keys() == {"stop", "start", "wrong-key", "right-key", "mend", *BREAKAGES}
    for action, stopped in (("stop", True), ("start", False)):
        run(action)
        assert twin.stopping.is_set() is stopped
    key = twin.connection()
    run("wrong-key")
    assert twin.connection() != key
    run("right-key")
    for action in BREAKAGES:
        run(action)
        assert len(twin.faults.pending()["scripted"]) == 1
        run("mend")
        assert twin.faults.pending()["scripted"] == []


def test_the_page_that_replaces_the_websites_links_back(relay: Relay) -> None:
    page = relay.client.get("/thanks/contact").text

    assert "<code>https://www.example.com/thanks</code>" in page
    assert 'href="/#contact"' in page


def test_a_long_text_has_a_textarea_and_a_send_button(relay: Relay) -> None:
    (form,) = re.findall(r'<form method="post" action="/forms/contact".*?</form>', _index(relay), re.DOTALL)

    assert '<textarea id="contact-message"' in form
    assert "<button>Send</button>" in form
    assert _index(relay).count("<button>Sign up</button>") >= 4


def _index(relay: Relay) -> str:
    return relay.client.get("/").text


def test_values_are_escaped(relay: Relay) -> None:
    names = {"given_name": "Sentinella", "family_name": "Sentinella", "email": relay.person()["email"]}
    relay.sign_up({**names, "message": "<b>Sentinella</b>"}, form="contact")
    eventually(lambda: relay.held("pulse", names["email"]))

    page = relay.client.get("/twins").text

    assert "<b>Sentinella" not in page
    assert "&lt;b&gt;Sentinella" in page
