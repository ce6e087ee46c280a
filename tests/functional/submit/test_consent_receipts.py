"""Consent receipts: what was granted is kept for years, in the ledger, without a name."""

from __future__ import annotations

import json

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.outages import gone
from tests.support.personal_data import is_named
from tests.support.relay import Relay

ADA = {"email": "ada@example.com", "news": True}


def test_a_sign_up_that_grants_channels_leaves_one_sealed_receipt_for_all_of_them(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    answer = relay.post("newsletter", ADA)
    assert answer.status == 200
    (item,) = relay.items("consent#")
    assert item["id"] == f"consent#{answer.json['submissionId']}"
    receipt = json.loads(item["receipt"])
    assert (receipt["submission_id"], receipt["form"]) == (answer.json["submissionId"], "newsletter")
    assert receipt["grants"] == [
        {
            "channels": ["email", "sms"],
            "field": "news",
            "statement": "Send me news. I can stop at any time.",
            "version": "2026-03",
            "shown": "unknown",
        }
    ]
    assert receipt["page"] == "https://www.example.com/news", "Referer without its query"
    assert len(receipt["caller"]) == 32, "hashed"
    assert len(receipt["seal"]) == 64


def test_a_receipt_is_kept_for_its_own_time(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENT_RETENTION_DAYS", "10")
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    relay.post("newsletter", ADA)
    for receipt in relay.items("consent#"):
        assert receipt["expiration"] - receipt["given_at"] // 1000 == 10 * 86_400


def test_a_receipt_names_nobody_but_an_erasure_finds_it(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    relay.post("newsletter", ADA)
    for receipt in relay.items("consent#"):
        assert not is_named("ada", str(receipt))
        assert "203.0.113" not in str(receipt)
        assert len(receipt["people"]) == 1


@pytest.mark.parametrize("values", [{"news": False}, {"news": ""}, {}], ids=["unticked", "empty", "absent"])
def test_an_unticked_box_is_no_statement(relay: Relay, values: dict[str, object]) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    assert relay.post("newsletter", {"email": "ada@example.com", **values}).status == 200
    assert relay.items("consent#") == []


def test_a_receipt_is_there_though_the_vendor_is_not(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us").stop()
    assert relay.post("newsletter", ADA).status == 202
    assert len(relay.items("consent#")) == 1


PRIVACY = """
[privacy]
controller = "Example Ltd, 1 High Street, London"
notice_url = "https://www.example.com/privacy"
jurisdiction = "GB"
"""


def test_a_receipt_keeps_the_forms_privacy_as_it_was_though_the_sign_up_waits_and_the_form_changes(
    relay: Relay,
) -> None:
    # Given a sign-up that could only be queued
    relay.form("newsletter", newsletter(more=PRIVACY))
    relay.twin("pulse", "pulse-us")
    with gone("dynamodb"):
        assert relay.post("newsletter", ADA).status == 202
    # When the form names somebody else before the retry
    relay.form("newsletter", newsletter(more='[privacy]\ncontroller = "Somebody Else"\n'))
    assert relay.retry_waiting() == []
    # Then the receipt says what was true when the box was ticked
    (item,) = relay.items("consent#")
    assert json.loads(item["receipt"])["privacy"] == {
        "controller": "Example Ltd, 1 High Street, London",
        "notice_url": "https://www.example.com/privacy",
        "jurisdiction": "GB",
    }


def test_without_the_ledger_the_receipt_travels_in_the_message_and_the_retry_keeps_it(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    pulse = relay.twin("pulse", "pulse-us")
    with gone("dynamodb"):
        assert relay.post("newsletter", ADA).status == 202
    assert relay.items("consent#") == []
    message = relay.queued()[0]
    assert [grant["channels"] for grant in message["submission"]["receipt"]["grants"]] == [["email", "sms"]]
    assert not message["receipt_kept"]
    assert relay.retry_waiting() == []
    assert len(relay.items("consent#")) == 1
    assert len(pulse.contacts()) == 1
