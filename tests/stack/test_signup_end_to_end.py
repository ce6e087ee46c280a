"""Sign-ups through the whole embedded stack: HTTP, functions, queue and vendors, working and failing."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.queues.poller import POLL_SECONDS
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def short_visibility(relay: Relay) -> Iterator[None]:
    """Let an abandoned message reappear after seconds, not after the template's six minutes."""
    url = relay.stack.references["RetryQueue"]
    sqs = relay.stack.clients.sqs
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "4"})
    time.sleep(POLL_SECONDS + 0.2)  # a running poll still uses the old timeout
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def _message(person: dict[str, Any]) -> dict[str, str]:
    """What the person writes into the contact form, which goes to Pulse alone."""
    return {
        "given_name": "Sentinella",
        "family_name": "Sentinella",
        "email": person["email"],
        "mobile": "(202) 555-0199",
        "topic": "An event",
        "message": "Is Sentinella coming?",
    }


def _faults_met(relay: Relay) -> list[str]:
    return [entry.fault for entry in list(relay.stack.twins["pulse"].requests) if entry.fault]


@pytest.mark.parametrize("urlencoded", [False, True])
def test_a_sign_up_reaches_both_vendors_before_it_is_answered(relay: Relay, urlencoded: bool) -> None:
    person = relay.person()

    answer = relay.sign_up(person, urlencoded=urlencoded)

    assert answer.status_code == 200
    assert answer.json()["status"] == "delivered"
    assert len(relay.held("pulse", person["email"])) == 1
    assert len(relay.held("esputnik", person["email"])) == 1
    assert relay.events(person["email"]) == ["subscribeFromApi-newsletter"]


def test_the_same_sign_up_sent_again_is_answered_alike_and_delivered_once(relay: Relay) -> None:
    person = relay.person()

    first, second = relay.sign_up(person), relay.sign_up(person)

    assert second.json() == first.json()
    assert len(relay.events(person["email"])) == 1


def test_an_outage_of_one_vendor_is_invisible_and_its_delivery_arrives_exactly_once(relay: Relay) -> None:
    person, pulse = relay.person(), relay.stack.twins["pulse"]
    pulse.stop()

    answer = relay.sign_up(person)

    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    assert len(relay.held("esputnik", person["email"])) == 1
    assert relay.waiting() >= 1
    pulse.start()
    eventually(lambda: relay.held("pulse", person["email"]), seconds=40)
    relay.until_nothing_waits()
    assert len(relay.held("pulse", person["email"])) == 1
    assert len(relay.events(person["email"])) == 1


def test_a_killed_handler_loses_nothing_and_the_repeated_sign_up_ends_as_one_contact(relay: Relay) -> None:
    person, key = relay.person(), {"idempotency-key": "key-of-a-page-that-keeps-trying"}
    pulse = relay.stack.twins["pulse"]
    pulse.fail("hang", method="POST", seconds=60, commit="before")

    def send() -> int:
        return relay.sign_up(_message(person), form="contact", headers=key).status_code

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(send)
        eventually(lambda: "hang" in _faults_met(relay))
        relay.kill(relay.busy_worker("SubmitFunction"))
        assert first.result() == 500  # not acknowledged, so the page tries again

    # Until the dead handler's time would have been over, it counts as still at work.
    # The page tries again at its own pace: the form takes ten requests a minute from one caller.
    eventually(lambda: send() in {200, 202}, seconds=120, every=4)
    relay.until_nothing_waits()
    assert len(relay.held("pulse", person["email"])) == 1


def test_a_retry_killed_during_a_delivery_is_tried_again_and_ends_as_one_contact(
    relay: Relay, short_visibility: None
) -> None:
    person, pulse = relay.person(), relay.stack.twins["pulse"]
    pulse.stop()
    assert relay.sign_up(_message(person), form="contact").status_code == 202
    met = len(_faults_met(relay))
    pulse.fail("hang", method="POST", seconds=60, commit="before")
    pulse.start()

    eventually(lambda: "hang" in _faults_met(relay)[met:])
    for pid in relay.stack.worker_pids():
        relay.kill(pid)

    relay.until_nothing_waits()
    assert len(relay.held("pulse", person["email"])) == 1


def test_two_sign_ups_of_one_person_at_the_same_time_end_as_one_contact(relay: Relay) -> None:
    person = relay.person()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: relay.sign_up({**person, "given_name": f"Sentinella {n}th"}), range(8)))

    assert {answer.status_code for answer in answers} <= {200, 202}
    relay.until_nothing_waits()
    assert len(relay.held("pulse", person["email"])) == 1
    assert len(relay.held("esputnik", person["email"])) == 1


def test_a_browser_is_redirected_to_the_thank_you_page(relay: Relay) -> None:
    person = relay.person()
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "origin": relay.stack.url}

    answer = relay.client.post("/forms/contact", data=_message(person), headers=headers)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{relay.stack.url}/thanks/contact"
    assert "https://www.example.com/thanks" in relay.client.get(answer.headers["location"]).text
    (contact,) = relay.held("pulse", person["email"])
    assert contact["customFields"]["lastTopic"] == "An event"


@pytest.mark.parametrize("consent", [{}, {"on_the_day": True}])
def test_five_vendors_are_served_at_once_where_they_want_the_sign_up(relay: Relay, consent: dict[str, bool]) -> None:
    person = {"email": relay.person()["email"], "first_name": "Sentinella", "last_name": "Sentinella"}
    phone = "+12025550199" if consent else "+12025550198"

    answer = relay.sign_up({**person, "mobile": phone, "programme": True, **consent}, form="congress")

    assert answer.json()["status"] == "delivered"
    assert relay.held("pulse", person["email"])
    assert relay.held("esputnik", person["email"])
    assert relay.held("which50", person["email"])
    assert relay.held("higherlogic", person["email"])
    assert bool(relay.held("whautomate", phone)) is bool(consent)


def test_every_refusal_has_its_status_and_only_the_broken_form_is_unavailable(relay: Relay) -> None:
    person, json_type = relay.person(), {"content-type": "application/json"}
    origin = {"origin": relay.stack.url}

    def status(form: str, *, headers: dict[str, str], content: bytes) -> int:
        return relay.client.post(f"/forms/{form}", headers=headers, content=content).status_code

    assert relay.client.post("/forms/newsletter", json=person).status_code == 403
    assert relay.sign_up(person, headers={"origin": "https://elsewhere.example.net"}).status_code == 403
    assert status("nowhere", headers=json_type | origin, content=b"{}") == 404
    assert relay.client.get("/no/such/page").status_code == 404
    assert status("newsletter", headers=json_type | origin, content=b'{"email":') == 400
    assert status("newsletter", headers={"content-type": "application/xml"} | origin, content=b"<a/>") == 415
    assert status("newsletter", headers=json_type | origin, content=b'"' + b"x" * 65_536 + b'"') == 413
    assert status("newsletter", headers=json_type | origin, content=b'{"email": "sentinel"}') == 422
    assert status("broken", headers=json_type | origin, content=b"{}") == 503
    assert relay.sign_up(person).status_code == 200


def test_the_log_of_everything_holds_no_personal_data_and_no_credentials(relay: Relay) -> None:
    pulse, esputnik = relay.stack.twins["pulse"], relay.stack.twins["esputnik"]
    pulse.fail("html")
    esputnik.fail("status", status=400, body={"errors": ["Sentinella is no name"]})
    refused = relay.sign_up(relay.person())
    pulse.fail("status", status=500, body="no luck, sentinel@example.com")
    esputnik.fail("drop_after")
    delayed = relay.sign_up(relay.person())
    relay.sign_up(relay.person(email="sentinel at example"))
    relay.client.post(
        "/forms/newsletter?email=sentinel@example.com",
        content=b'{"email": "sentinel@example.com",}',
        headers={"content-type": "application/json", "origin": relay.stack.url},
    )

    assert refused.status_code == delayed.status_code == 202
    relay.until_nothing_waits()
    assert relay.waiting("DeadLetterQueue") >= 1
    assert "vendor call" in relay.log.read_text()  # there is a log
    assert relay.leaks() == []
