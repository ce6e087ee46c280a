"""Several choices of one field: a list where the vendor has a list, one joined text in a custom field."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.support.relay import Relay

FORM = """
title = "Topics"
allowed_origins = ["https://www.example.com"]
[fields.email]
type = "email"
required = true
[fields.last_name]
type = "text"
[fields.phone]
type = "phone"
required = true
[fields.topics]
type = "choices"
options = ["Cardiology", "Oncology", "Paediatrics"]
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
DESTINATIONS = {
    "pulse": 'action = "upsert"\noptions = { source = 7 }\ncustom_fields = { topics = "topics" }',
    "which50": (
        'action = "upsert"\noptions = { contact_list_id = 3, fields = { email = "Email" } }\n'
        'custom_fields = { topics = "LastName" }'
    ),
    "higherlogic": 'action = "upsert"\ncustom_fields = { topics = "Bio" }',
    "esputnik": (
        'action = "subscribe"\noptions = { groups = ["Web", { each_of = "topics" }] }\ncustom_fields = { topics = 7 }'
    ),
    "whautomate": (
        f'action = "upsert"\noptions = {{ location_id = "{LOCATION_ID}", tags = ["Web", {{ each_of = "topics" }}] }}\n'
        'custom_fields = { topics = "topics" }'
    ),
}
ADA = {"email": "ada@example.com", "phone": "+1 516 555 0142", "last_name": "Lovelace"}


def signed_up(relay: Relay, vendor: str, topics: Any) -> dict[str, Any]:
    """Sign Ada up with these topics; returns what the vendor holds of her."""
    relay.form("topics", f'{FORM}\n[[destinations]]\nname = "d"\nvendor = "{vendor}"\n{DESTINATIONS[vendor]}\n')
    twin = relay.twin(vendor, "d")
    assert relay.post("topics", {**ADA, "topics": topics}).json["status"] == "delivered"
    (contact,) = twin.contacts()
    return dict(contact)


@pytest.mark.parametrize("vendor", DESTINATIONS)
def test_a_custom_field_gets_the_choices_as_one_text_in_the_forms_order(relay: Relay, vendor: str) -> None:
    held = signed_up(relay, vendor, ["Paediatrics", "Cardiology"])
    assert "'Cardiology, Paediatrics'" in str(held)


MULTIPART = "multipart/form-data; boundary=b"
PARTS = "".join(
    f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in [*ADA.items(), ("topics", "Paediatrics"), ("topics", "Cardiology"), ("topics", "")]
)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (
            "application/x-www-form-urlencoded",
            urlencode([*ADA.items(), ("topics", "Paediatrics"), ("topics", ""), ("topics", "Cardiology")]),
        ),
        (MULTIPART, f"{PARTS}--b--\r\n"),
        ("application/json", json.dumps({**ADA, "topics": ["Paediatrics", "Cardiology", "Cardiology", ""]})),
    ],
    ids=["tick boxes", "multipart", "JSON list"],
)
def test_several_choices_may_be_sent_as_pages_and_scripts_do(relay: Relay, content_type: str, content: str) -> None:
    relay.form("topics", f'{FORM}\n[[destinations]]\nname = "d"\nvendor = "pulse"\n{DESTINATIONS["pulse"]}\n')
    twin = relay.twin("pulse", "d")

    answer = relay.post("topics", content=content.encode(), headers={"content-type": content_type})

    assert answer.status == 200
    assert [contact["customFields"] for contact in twin.contacts()] == [{"topics": "Cardiology, Paediatrics"}]


@pytest.mark.parametrize("topics", [["Cardiology", "Surgery"], "Surgery", ["Cardiology, Oncology"]])
def test_one_value_outside_the_options_makes_the_field_invalid(relay: Relay, topics: Any) -> None:
    relay.form("topics", f'{FORM}\n[[destinations]]\nname = "d"\nvendor = "pulse"\n{DESTINATIONS["pulse"]}\n')
    relay.twin("pulse", "d")

    answer = relay.post("topics", {**ADA, "topics": topics})

    assert answer.status == 422
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [("topics", "invalid_choice")]


def test_segments_are_joined_by_choice(relay: Relay) -> None:
    held = signed_up(relay, "esputnik", ["Paediatrics", "Cardiology"])
    assert [group["name"] for group in held["groups"]] == ["Web", "Cardiology", "Paediatrics"]


def test_tags_are_added_by_choice(relay: Relay) -> None:
    assert signed_up(relay, "whautomate", "Oncology")["tags"] == ["Web", "Oncology"]


@pytest.mark.parametrize(("vendor", "member"), [("esputnik", "groups"), ("whautomate", "tags")])
def test_who_chose_nothing_joins_nothing_by_choice(relay: Relay, vendor: str, member: str) -> None:
    held = signed_up(relay, vendor, [])
    assert len(held[member]) == 1


def test_a_later_choice_is_added_and_takes_nothing_away(relay: Relay) -> None:
    signed_up(relay, "whautomate", ["Oncology"])
    assert signed_up(relay, "whautomate", ["Cardiology"])["tags"] == ["Web", "Oncology", "Cardiology"]


@pytest.mark.parametrize(("ticked", "subscribed"), [(True, ["Weekly"]), (False, []), (None, [])])
def test_nobody_is_subscribed_who_was_asked_and_did_not_tick(
    relay: Relay, ticked: bool | None, subscribed: list[str]
) -> None:
    relay.form(
        "topics",
        f'{FORM}\n[[destinations]]\nname = "d"\nvendor = "esputnik"\naction = "subscribe"\n'
        'options = { subscriptions = ["Weekly"] }\n',
    )
    twin = relay.twin("esputnik", "d")

    relay.post("topics", ADA if ticked is None else {**ADA, "news": ticked})

    assert [contact["subscriptions"] for contact in twin.contacts()] == [subscribed]


@pytest.mark.parametrize("grants", ['["sms"]', None])
def test_a_form_that_does_not_ask_for_e_mail_subscribes_as_it_says(relay: Relay, grants: str | None) -> None:
    fields = FORM.partition("[fields.news]")[0] if grants is None else FORM.replace('["email"]', grants)
    relay.form(
        "topics",
        f'{fields}\n[[destinations]]\nname = "d"\nvendor = "esputnik"\naction = "subscribe"\n'
        'options = { subscriptions = ["Weekly"] }\n',
    )
    twin = relay.twin("esputnik", "d")

    relay.post("topics", ADA)

    assert [contact["subscriptions"] for contact in twin.contacts()] == [["Weekly"]]


def test_subscriptions_may_wait_for_consent_and_choice(relay: Relay) -> None:
    relay.form(
        "topics",
        f'{FORM}\n[[destinations]]\nname = "d"\nvendor = "esputnik"\naction = "subscribe"\n'
        'options = { subscriptions = [{ each_of = "topics", when = { news = true } }] }\n',
    )
    twin = relay.twin("esputnik", "d")

    relay.post("topics", {**ADA, "topics": ["Oncology"]})
    before = [contact["subscriptions"] for contact in twin.contacts()]
    relay.post("topics", {**ADA, "email": "bob@example.com", "topics": ["Oncology"], "news": True})

    assert before == [[]]
    assert [contact["subscriptions"] for contact in twin.contacts()] == [[], ["Oncology"]]
