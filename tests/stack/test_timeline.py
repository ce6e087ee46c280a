"""The timeline: the story of every sign-up, the vendors' faults by button, dead letters replayed by button."""

from __future__ import annotations

import re
from functools import partial
from html import unescape

import httpx
import pytest

from local.breakages import BREAKAGES
from tests.support.stack import Relay
from tests.support.waiting import eventually as wait_until

pytestmark = pytest.mark.stack


eventually = partial(wait_until, every=0.2)
"""A page is asked for each time."""


def _page(relay: Relay) -> str:
    return unescape(relay.client.get("/timeline").text)


def _press(relay: Relay, path: str, **values: str) -> httpx.Response:
    answer = relay.client.post(path, data=values, headers={"origin": relay.stack.url})
    assert answer.status_code == 303, answer.text
    return answer


def _card(relay: Relay, submission_id: str) -> str:
    """Return the text of a sign-up's card, words parted by one space; empty while there is none."""
    cards = re.findall(r"<article.*?</article>", _page(relay), re.DOTALL)
    found = [card for card in cards if f"submission {submission_id}" in card]
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def _signed_up(relay: Relay, status: str = "accepted") -> str:
    """Return the id of a sign-up that was answered so: environments remember another test's outage for seconds."""
    answers: list[dict[str, str]] = []

    def is_answered_so() -> bool:
        answers.append(relay.sign_up(relay.person()).json())
        return answers[-1]["status"] == status

    eventually(is_answered_so, every=1)
    return answers[-1]["submissionId"]


def test_a_sign_up_is_told_from_the_visitor_to_each_vendor(relay: Relay) -> None:
    submission_id = _signed_up(relay, "delivered")

    eventually(lambda: "delivered everywhere" in _card(relay, submission_id))

    told = _card(relay, submission_id)
    assert re.match(
        rf"Newsletter \d\d:\d\d:\d\d 200 after [\d.]+ s {submission_id} "
        r"received screened \+[\d.]+ s delivered everywhere",
        told,
    )
    assert re.search(r"pulse-us Pulse delivered \+[\d.]+ s", told)
    assert re.search(r"yespo eSputnik / Yespo delivered \+[\d.]+ s", told)
    assert "Pulse search contacts: 200" in told


def test_an_outage_is_told_with_its_reason_and_its_end(relay: Relay) -> None:
    # Given a vendor that is stopped by its button
    _press(relay, "/twins/pulse/stop?then=timeline")

    # When somebody signs up, and the vendor comes back
    submission_id = _signed_up(relay)
    eventually(lambda: "queued: the vendor cannot be reached" in _card(relay, submission_id))
    assert "yespo eSputnik / Yespo delivered" in _card(relay, submission_id)
    eventually(lambda: re.search(r"next try at \d\d:\d\d:\d\d", _card(relay, submission_id)))
    _press(relay, "/twins/pulse/start?then=timeline")

    # Then the same card tells the delivery
    eventually(lambda: "pulse-us Pulse delivered" in _card(relay, submission_id))
    assert "You stopped it: an outage" in _page(relay)


def test_a_double_click_is_one_card_that_was_sent_twice(relay: Relay) -> None:
    person = relay.person()

    ids = {relay.sign_up(person).json()["submissionId"] for _ in range(2)}

    assert len(ids) == 1
    assert "sent 2 times, answered with one id" in _card(relay, ids.pop())


def test_a_bot_is_told_as_quarantined_and_a_refusal_as_refused(relay: Relay) -> None:
    caught = relay.sign_up(relay.person(website="https://spam.example.com")).json()["submissionId"]
    relay.sign_up({"email": "sentinel"})

    eventually(lambda: "a bot filled the honeypot" in _card(relay, caught))
    assert "Refused: invalid-fields" in _page(relay)


def test_a_changed_key_holds_deliveries_until_the_right_one_is_stored(relay: Relay) -> None:
    # Given a vendor that changed its key
    _press(relay, "/twins/pulse/wrong-key?then=timeline")

    # When somebody signs up
    submission_id = _signed_up(relay)

    # Then the delivery is held and the page says why
    eventually(lambda: "held: the key does not work" in _card(relay, submission_id))
    page = _page(relay)
    assert "wrong key</strong>" in page
    assert 'action="/twins/pulse/right-key?then=timeline"' in page

    # And when the right key is stored, it is delivered
    _press(relay, "/twins/pulse/right-key?then=timeline")
    eventually(lambda: "pulse-us Pulse delivered" in _card(relay, submission_id))
    assert "wrong key</strong>" not in _page(relay)


def test_dead_letters_are_replayed_by_button_one_or_all(relay: Relay) -> None:
    # Given two writes whose failures stood inside a 200
    _press(relay, "/twins/pulse/failure-in-200?then=timeline")
    _press(relay, "/twins/esputnik/failure-in-200?then=timeline")
    submission_id = _signed_up(relay)
    eventually(lambda: _card(relay, submission_id).count("parked: the vendor refused it") == 2)
    parked = relay.waiting("DeadLetterQueue")

    # When the button of one is pressed
    _press(relay, "/timeline/replay", submission=submission_id, destination="pulse-us")

    # Then it is delivered, its card tells both, and the other one stays
    eventually(lambda: re.search(r"pulse-us Pulse delivered .*replayed .*delivered", _card(relay, submission_id)))
    assert "eSputnik / Yespo parked" in _card(relay, submission_id)
    assert relay.waiting("DeadLetterQueue") == parked - 1

    # And when the button for all is pressed, the other one is delivered
    _press(relay, "/timeline/replay")
    eventually(lambda: "eSputnik / Yespo delivered" in _card(relay, submission_id))
    eventually(lambda: "relay: " in _page(relay))


@pytest.mark.parametrize("name", BREAKAGES)
def test_every_fault_has_a_button_and_can_be_taken_back(relay: Relay, name: str) -> None:
    faults = relay.stack.twins["which50"].faults

    _press(relay, f"/twins/which50/{name}?then=timeline")

    page = _page(relay)
    assert BREAKAGES[name].effect in page
    assert "about to fail</strong>" in page
    assert len(faults.pending()["scripted"]) == 1
    _press(relay, "/twins/which50/mend?then=timeline")
    assert faults.pending()["scripted"] == []


def test_the_page_signs_somebody_new_up(relay: Relay) -> None:
    held = len(relay.stack.twins["pulse"].contacts())

    _press(relay, "/timeline/sign-up", form="partner", times="2")

    eventually(lambda: len(relay.stack.twins["pulse"].contacts()) == held + 1)


@pytest.mark.parametrize("path", ["/timeline/replay", "/timeline/sign-up", "/twins/pulse/wrong-key"])
def test_another_websites_page_cannot_press_a_button_of_the_timeline(relay: Relay, path: str) -> None:
    answer = relay.client.post(path, data={"form": "partner"}, headers={"origin": "https://www.example.com"})

    assert answer.status_code == 403


def test_the_timeline_holds_nothing_of_a_person(relay: Relay) -> None:
    person = relay.person()
    submission_id = relay.sign_up(person).json()["submissionId"]

    eventually(lambda: _card(relay, submission_id))

    page = _page(relay).lower()
    assert not [word for word in ("sentinel", person["email"]) if word in page]
