"""`write = "fill"` from the form to the vendor, at once and on a retry."""

from __future__ import annotations

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.support.outages import gone
from tests.support.relay import Relay

PHONE = "+15165550142"
FORM = f"""
title = "News"
allowed_origins = ["https://www.example.com"]
[fields.phone]
type = "phone"
required = true
[fields.given_name]
type = "text"
maps_to = "first_name"
[fields.size]
type = "text"
[fields.topic]
type = "text"

[[destinations]]
name = "chat"
vendor = "whautomate"
action = "upsert"
options = {{ location_id = "{LOCATION_ID}" }}
custom_fields = {{ size = "size", topic = "topic" }}
write = {{ given_name = "fill", size = "fill" }}
"""
SIGN_UP = {"phone": PHONE, "given_name": "Ada", "size": "20+", "topic": "new"}


@pytest.fixture
def news(relay: Relay) -> Relay:
    relay.form("news", FORM)
    twin = relay.twin("whautomate", "chat")
    twin.seed(
        {
            "name": "Ann",
            "phoneNumber": PHONE,
            "location": {"id": LOCATION_ID},
            "customFields": {"size": "", "topic": "old"},
        }
    )
    return relay


def held(relay: Relay) -> tuple[str, dict[str, str]]:
    (contact,) = relay.twins["whautomate"].contacts()
    return contact["name"], contact["customFields"]


def test_a_sign_up_fills_what_is_empty_and_overwrites_what_the_form_does_not_protect(news: Relay) -> None:
    assert news.post("news", SIGN_UP).json["status"] == "delivered"

    assert held(news) == ("Ann", {"size": "20+", "topic": "new"})


def test_a_retry_fills_as_the_first_attempt_would_have(news: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRY_BASE_SECONDS", "0.1")
    with gone("dynamodb"):
        assert news.post("news", SIGN_UP).status == 202

    assert news.retry_waiting() == []

    assert held(news) == ("Ann", {"size": "20+", "topic": "new"})
