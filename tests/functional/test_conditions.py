"""Conditions from the form to the vendors: who gets a sign-up, and which groups it joins, at once and on a retry."""

from __future__ import annotations

import json

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.support.deployment import metrics
from tests.support.outages import gone
from tests.support.relay import Relay

FORM = f"""
title = "News"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[fields.phone]
type = "phone"
required = true
[fields.interests]
type = "choices"
options = ["cardiology", "oncology"]
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"

[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
when = {{ news = true }}
[destinations.options]
groups = ["Readers", {{ name = "Cardiology", when = {{ interests = "cardiology" }} }}]

[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
when = {{ interests = ["cardiology", "oncology"] }}
[destinations.options]
location_id = "{LOCATION_ID}"
tags = ["Web", {{ name = "Oncology", when = {{ interests = "oncology" }} }}]
"""
ADA = {"email": "ada@example.com", "phone": "+1 516 555 0142"}


@pytest.fixture
def news(relay: Relay) -> Relay:
    relay.form("news", FORM)
    relay.twin("esputnik", "yespo")
    relay.twin("whautomate", "chat")
    return relay


def groups(relay: Relay) -> list[str]:
    """Return the groups that the last subscription named."""
    (*_, last) = relay.twins["esputnik"].writes()
    return list(json.loads(last.body)["groups"])


def reached(relay: Relay) -> set[str]:
    return {vendor for vendor, twin in relay.twins.items() if twin.contacts()}


def test_a_destination_gets_the_sign_ups_that_match_its_condition(news: Relay) -> None:
    assert news.post("news", {**ADA, "news": True}).json["status"] == "delivered"

    assert reached(news) == {"esputnik"}
    assert groups(news) == ["Readers"]


def test_an_entry_is_for_the_sign_ups_that_match_its_own(news: Relay) -> None:
    news.post("news", {**ADA, "news": True, "interests": ["cardiology"]})

    assert reached(news) == {"esputnik", "whautomate"}
    assert groups(news) == ["Readers", "Cardiology"]
    (contact,) = news.twins["whautomate"].contacts()
    assert "Oncology" not in str(contact["tags"])


def test_a_sign_up_that_no_destination_wants_is_accepted_and_counted(
    news: Relay, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = news.post("news", ADA)

    assert (answer.status, answer.json["status"]) == (200, "delivered")
    assert reached(news) == set()
    assert metrics(capsys).count("Skipped") == 2
    assert (news.queued(), news.buried()) == ([], [])


def test_consent_is_on_record_though_no_destination_wants_the_sign_up(news: Relay) -> None:
    news.form("news", FORM.replace("when = { news = true }", 'when = { interests = "oncology" }'))

    assert news.post("news", {**ADA, "news": True}).status == 200

    assert reached(news) == set()
    assert len(news.items("consent#")) == 1


def test_a_retry_decides_as_the_first_attempt_would_have(news: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.1")
    with gone("dynamodb"):
        assert news.post("news", {**ADA, "news": True}).status == 202
    assert {message["destination"] for message in news.queued()} == {"yespo", "chat"}

    assert news.retry_waiting() == []

    assert reached(news) == {"esputnik"}
    assert groups(news) == ["Readers"]
    assert news.buried() == []


def test_what_waits_for_a_destination_that_no_longer_wants_it_is_dropped(
    news: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.1")
    with gone("dynamodb"):
        news.post("news", {**ADA, "news": True})
    news.form("news", FORM.replace("when = { news = true }", 'when = { interests = "oncology" }'))

    assert news.retry_waiting() == []

    assert reached(news) == set()
    assert (news.queued(), news.buried()) == ([], [])
