"""The example forms for form builders, with the webhooks that those builders send."""

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
from tests.support.paths import ROOT
from tests.support.relay import Relay, event

FORMS = ROOT / "forms"
BUILDERS = ["typeform", "tally", "formbricks"]


@pytest.fixture
def builders(relay: Relay) -> Relay:
    """The example forms as they are deployed, their builders' secrets, and the vendor they lead to."""
    for builder in BUILDERS:
        shutil.copy(FORMS / f"webhook-{builder}.toml", relay.forms)
        relay.secret(builder, {"signing_secret": SIGNING_SECRET})
    relay.twin("pulse", "pulse-us")
    return relay


def webhook(builder: str) -> dict[str, Any]:
    """Return the builder's event; of Formbricks signed anew, since it signs the time."""
    made = event(f"webhook-{builder}")
    if builder == "formbricks":
        now = datetime.fromtimestamp(int(time.time()), UTC)
        headers = made["headers"]
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        headers["webhook-signature"] = Webhook(SIGNING_SECRET).sign(headers["webhook-id"], now, made["body"])
    return made


@pytest.mark.parametrize(
    ("builder", "expected"),
    [
        (
            "typeform",
            {
                "email": "grace@example.com",
                "first_name": "Grace",
                "phone": "+12125550123",
                "custom": {"campaign": "spring"},
            },
        ),
        ("tally", {"email": "mary@example.com", "last_name": "Seacole", "company": "Engine Practice", "custom": {}}),
        ("formbricks", {"email": "hedy@example.com", "first_name": "Hedy", "custom": {"rating": 5}}),
    ],
)
def test_a_builders_webhook_becomes_a_sign_up(builders: Relay, builder: str, expected: dict[str, Any]) -> None:
    builders.twins["pulse"].stop()
    assert builders.submit(webhook(builder)).status == 202
    submission = builders.queued()[0]["submission"]
    custom = expected.pop("custom")
    assert submission["contact"] == expected
    assert submission["custom"] == custom
    assert [grant["channels"] for grant in submission["receipt"]["grants"]] == [["email"]]


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_builders_webhook_is_delivered_once_however_often_it_is_sent(builders: Relay, builder: str) -> None:
    assert builders.submit(webhook(builder)).status == 200
    time.sleep(1.1 if builder == "formbricks" else 0)
    assert builders.submit(webhook(builder)).status == 200
    assert len(builders.twins["pulse"].writes()) == 1


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_webhook_that_somebody_else_made_up_is_refused(builders: Relay, builder: str) -> None:
    made = webhook(builder)
    made["body"] = made["body"].replace("@example.com", "@evil.example")
    assert builders.submit(made).status == 403


def test_a_refused_consent_is_no_statement(builders: Relay) -> None:
    made = event("webhook-tally")
    body = json.loads(made["body"])
    body["data"]["fields"][-1]["value"] = False
    made["body"] = json.dumps(body)
    mac = hmac.digest(SIGNING_SECRET.encode(), made["body"].encode(), "sha256")
    made["headers"]["tally-signature"] = base64.b64encode(mac).decode()
    assert builders.submit(made).status == 200
    assert builders.items("consent#") == []
