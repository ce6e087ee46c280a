"""One form, five destinations: delivered at once, each on its own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Relay
from tests.support.waiting import eventually

EVERYWHERE = f"""
title = "Everywhere"
allowed_origins = ["https://www.example.com"]

[fields.email]
type = "email"
required = true
[fields.first_name]
type = "text"
required = true
[fields.phone]
type = "phone"
required = true

[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = {{ source = 7 }}
[[destinations]]
name = "which50-list"
vendor = "which50"
action = "upsert"
options = {{ contact_list_id = 3, fields = {{ email = "Email", first_name = "FirstName", phone = "Mobile" }} }}
[[destinations]]
name = "members"
vendor = "higherlogic"
action = "upsert"
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
options = {{ location_id = "{LOCATION_ID}" }}
"""
VENDORS = {
    "pulse-us": "pulse",
    "which50-list": "which50",
    "members": "higherlogic",
    "yespo": "esputnik",
    "chat": "whautomate",
}
ADA = {"email": "ada@example.com", "first_name": "Ada", "phone": "+1 516 555 0142"}


@pytest.fixture
def everywhere(relay: Relay) -> Relay:
    relay.form("everywhere", EVERYWHERE)
    for connection, vendor in VENDORS.items():
        relay.twin(vendor, connection)
    return relay


def test_one_sign_up_reaches_all_five_vendors(everywhere: Relay) -> None:
    answer = everywhere.post("everywhere", ADA)

    assert (answer.status, answer.json["status"]) == (200, "delivered")
    assert {vendor: len(twin.contacts()) for vendor, twin in everywhere.twins.items()} == dict.fromkeys(
        VENDORS.values(), 1
    )


def test_no_destination_waits_for_another(everywhere: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY_BUDGET_SECONDS", "20")
    twins = everywhere.twins.values()
    for twin in twins:
        twin.fail("latency", seconds=60)

    with ThreadPoolExecutor(1) as visitor:
        answer = visitor.submit(everywhere.post, "everywhere", ADA)
        eventually(lambda: all(twin.met("latency") for twin in twins))  # no vendor answers before the last is asked
        for twin in twins:
            twin.stopping.set()  # ends every wait

        assert answer.result().status == 200


@pytest.mark.parametrize("failing", VENDORS)
def test_one_failing_destination_is_queued_alone(everywhere: Relay, failing: str) -> None:
    everywhere.twins[VENDORS[failing]].fail("status", status=503, count=None)

    answer = everywhere.post("everywhere", ADA)

    assert (answer.status, answer.json["status"]) == (202, "accepted")
    assert [message["destination"] for message in everywhere.queued()] == [failing]
    assert everywhere.buried() == []
    reached = {vendor for vendor, twin in everywhere.twins.items() if twin.contacts()}
    assert reached == set(VENDORS.values()) - {VENDORS[failing]}


def test_what_is_over_a_destinations_rate_limit_waits_in_the_queue(everywhere: Relay) -> None:
    everywhere.form("everywhere", EVERYWHERE.replace('name = "chat"', 'name = "chat"\nrate_limit = "1/day"'))
    bob = {"email": "bob@example.com", "first_name": "Bob", "phone": "+1 516 555 0143"}

    answers = [everywhere.post("everywhere", person).json["status"] for person in (ADA, bob)]

    assert answers == ["delivered", "accepted"]
    assert [message["destination"] for message in everywhere.queued()] == ["chat"]
    assert [contact["name"] for contact in everywhere.twins["whautomate"].contacts()] == ["Ada"]


def test_a_receipt_that_is_slow_to_be_kept_queues_the_sign_up_and_is_no_fault_of_ours(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released = threading.Event()
    monkeypatch.setattr("shared.ledger.consents.Consents.keep", lambda *_: released.wait(30))
    monkeypatch.setenv("DELIVERY_BUDGET_SECONDS", "1")
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    try:
        assert relay.post("newsletter", {"email": "ada@example.com", "news": True}).status == 202
    finally:
        released.set()
    [message] = relay.queued()
    assert not message["receipt_kept"]
    assert '"Defect"' not in capsys.readouterr().out
