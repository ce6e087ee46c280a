"""The example forms for form builders: what each builder sends reaches the vendor, once, and only from that builder."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from local.connections import SIGNING_SECRET
from shared.forms import Forms
from tests.support.paths import ROOT
from tests.support.relay import Relay, event

FORMS = ROOT / "forms"

CONTACTS: dict[str, dict[str, Any]] = {
    "typeform": {
        "emails": ["grace@example.com"],
        "firstName": "Grace",
        "phones": ["2125550123"],
        "customFields": {"lastCampaign": "spring", "topics": "Trials, Careers"},
    },
    "tally": {
        "emails": ["mary@example.com"],
        "lastName": "Seacole",
        "company": "Engine Practice",
        "customFields": {"topics": "Vaccines, Sleep"},
    },
    "formbricks": {
        "emails": ["hedy@example.com"],
        "firstName": "Hedy",
        "customFields": {"lastRating": 5, "features": "Search, Exports"},
    },
    "jotform": {
        "emails": ["rosalind@example.com"],
        "firstName": "Rosalind",
        "lastName": "Franklin",
        "phones": ["2125550147"],
        "customFields": {"topics": "Trials, Publications", "dateOfBirth": "1980-07-25"},
    },
    "webflow": {"emails": ["katherine@example.com"], "firstName": "Katherine", "phones": ["2125550148"]},
    "framer": {"emails": ["dorothy@example.com"], "firstName": "Dorothy", "company": "Langley Computing"},
    "elementor": {
        "emails": ["virginia@example.com"],
        "lastName": "Apgar",
        "phones": ["2125550149"],
        "customFields": {"preferredDays": "Monday, Friday"},
    },
    "gravity-forms": {
        "emails": ["gerty@example.com"],
        "firstName": "Gerty",
        "lastName": "Cori",
        "phones": ["2125550150"],
        "customFields": {"interests": "Cardiology, Paediatrics", "dateOfBirth": "1976-08-15"},
    },
    "hubspot": {
        "emails": ["chien@example.com"],
        "firstName": "Chien-Shiung",
        "lastName": "Wu",
        "customFields": {"interests": "research, jobs"},
    },
    "google-forms": {
        "emails": ["barbara@example.com"],
        "firstName": "Barbara",
        "customFields": {"topics": "Laboratory, Library", "dateOfBirth": "1982-06-16"},
    },
}
"""Builder → what the vendor holds of the person in its example event."""
UNSIGNED = {"jotform", "elementor"}
TOKENS = {"gravity-forms"}
"""Builders that show a secret and sign nothing: their secret is no proof of the body."""
SIGNED = sorted(CONTACTS.keys() - UNSIGNED - TOKENS)


@pytest.fixture
def builders(relay: Relay) -> Relay:
    """The example forms as they are deployed, their builders' secrets, and the vendor they lead to."""
    for builder in CONTACTS:
        shutil.copy(FORMS / f"webhook-{builder}.toml", relay.forms)
        relay.secret(builder, {"signing_secret": SIGNING_SECRET})
    relay.twin("pulse", "pulse-us")
    return relay


def webhook(builder: str) -> dict[str, Any]:
    """Return the builder's event; of those that sign the time, signed again."""
    made = event(f"webhook-{builder}")
    now, headers, body = int(time.time()), made["headers"], made["body"]
    match builder:
        case "formbricks":
            at = datetime.fromtimestamp(now, UTC)
            headers["webhook-timestamp"] = str(now)
            headers["webhook-signature"] = Webhook(SIGNING_SECRET).sign(headers["webhook-id"], at, body)
        case "webflow":
            headers["x-webflow-timestamp"] = str(now * 1000)
            headers["x-webflow-signature"] = mac(f"{now * 1000}:{body}").hex()
        case "hubspot":
            url = f"https://{headers['host']}{made['rawPath']}"
            headers["x-hubspot-request-timestamp"] = str(now * 1000)
            headers["x-hubspot-signature-v3"] = base64.b64encode(mac(f"POST{url}{body}{now * 1000}")).decode()
    return made


def mac(text: str) -> bytes:
    return hmac.digest(SIGNING_SECRET.encode(), text.encode(), "sha256")


def held(contact: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a Pulse contact that a sign-up may fill, without those that are empty."""
    parts = {
        "emails": [each["emailAddress"] for each in contact["emails"]],
        "phones": [each["phone"] for each in contact["phones"]],
        "company": next((each["company"] for each in contact["locations"]), None),
        **{name: contact.get(name) for name in ("firstName", "lastName", "customFields")},
    }
    return {name: value for name, value in parts.items() if value}


def test_every_example_form_of_a_builder_is_tried_here() -> None:
    assert {f"webhook-{builder}" for builder in CONTACTS} == {
        form_id for form_id in Forms(FORMS).ids() if form_id.startswith("webhook-")
    }


@pytest.mark.parametrize("builder", CONTACTS)
def test_what_a_builder_sends_reaches_the_vendor(builders: Relay, builder: str) -> None:
    assert builders.submit(webhook(builder)).status == 200

    (contact,) = builders.twins["pulse"].contacts()
    assert held(contact) == CONTACTS[builder]
    assert [each["isSubscribed"] for each in contact["emails"]] == [True]
    (kept,) = builders.items("consent#")
    assert [grant["channels"] for grant in json.loads(kept["receipt"])["grants"]] == [["email"]]


@pytest.mark.parametrize("builder", CONTACTS)
def test_a_builders_webhook_is_delivered_once_however_often_it_is_sent(builders: Relay, builder: str) -> None:
    assert builders.submit(webhook(builder)).status == 200
    time.sleep(1.1 if builder == "formbricks" else 0)  # its second try is known by a later time
    assert builders.submit(webhook(builder)).status == 200
    assert len(builders.twins["pulse"].writes()) == 1


@pytest.mark.parametrize("builder", SIGNED)
def test_a_webhook_that_somebody_else_made_up_is_refused(builders: Relay, builder: str) -> None:
    made = webhook(builder)
    made["body"] = made["body"].replace("@example.com", "@evil.example")
    assert builders.submit(made).status == 403


@pytest.mark.parametrize("builder", sorted(TOKENS))
def test_a_webhook_without_the_secret_is_refused(builders: Relay, builder: str) -> None:
    made = webhook(builder)
    made["headers"]["x-relay-secret"] = "guessed"
    assert builders.submit(made).status == 403


def test_a_refused_consent_is_no_statement(builders: Relay) -> None:
    made = event("webhook-tally")
    body = json.loads(made["body"])
    body["data"]["fields"][-1]["value"] = False
    made["body"] = json.dumps(body)
    made["headers"]["tally-signature"] = base64.b64encode(mac(made["body"])).decode()
    assert builders.submit(made).status == 200
    assert builders.items("consent#") == []
