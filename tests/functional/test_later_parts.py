"""A vendor that works on a part of a sign-up later: the visitor is thanked, and somebody looks what became of it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local.twins.esputnik.twin import EsputnikTwin
from tests.support.outages import gone
from tests.support.relay import Relay, event

FORM = """
title = "Readers"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "upsert"
options = { groups = ["Readers"] }
"""
"""Its group does not exist, so that an import has to make it."""


@pytest.fixture
def yespo(relay: Relay) -> EsputnikTwin:
    relay.form("readers", FORM)
    twin = relay.twin("esputnik", "yespo")
    assert isinstance(twin, EsputnikTwin)
    twin.options.import_seconds = 3600
    return twin


def sign_up(relay: Relay) -> str:
    return str(relay.post("readers", {"email": "ada@example.com"}).json["status"])


def look_again(relay: Relay) -> list[str]:
    """Hand the message that waits to the retry handler, without waiting for its time."""
    (body,) = relay.queued()
    record: dict[str, Any] = json.loads(json.dumps(event("retry")["Records"][0]))
    record["attributes"]["SentTimestamp"] = str(int(time.time() * 1000))
    return relay.retry({"Records": [{**record, "messageId": "look", "body": json.dumps(body)}]})


def test_the_visitor_is_thanked_and_the_message_stays_until_the_part_is_done(relay: Relay, yespo: EsputnikTwin) -> None:
    assert sign_up(relay) == "delivered"
    assert look_again(relay) == ["look"]
    yespo.options.import_seconds = 0
    assert look_again(relay) == []
    assert [group["name"] for group in yespo.contacts()[0]["groups"]] == ["Readers"]


def test_a_part_that_fails_in_the_end_is_a_dead_letter(relay: Relay, yespo: EsputnikTwin) -> None:
    sign_up(relay)
    yespo.fail("status", status=200, path="v1/importstatus", body={"status": "ERROR"})
    assert look_again(relay) == []
    assert [letter["destination"] for letter in relay.buried()] == ["yespo"]


def test_a_retry_that_delivers_looks_again_too(relay: Relay, yespo: EsputnikTwin) -> None:
    yespo.fail("status", status=503)
    assert sign_up(relay) == "accepted"
    assert look_again(relay) == ["look"], "the contact is there now, its group is not"
    assert len(yespo.contacts()) == 1
    yespo.options.import_seconds = 0
    assert look_again(relay) == []


def test_a_look_that_cannot_be_queued_costs_the_visitor_nothing(relay: Relay, yespo: EsputnikTwin) -> None:
    with gone("sqs.SendMessageBatch"):
        assert sign_up(relay) == "delivered"
    assert len(yespo.contacts()) == 1
