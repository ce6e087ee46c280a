"""Dead letters of the embedded stack, replayed by the operator's command."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.twins.whautomate.twin import LOCATION_ID
from tests.support.operator import Operator
from tests.support.stack import Relay
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

FORM = """
title = "Clinic"
allowed_origins = ["*"]
[fields.email]
type = "email"
[fields.mobile]
type = "phone"
required = true
maps_to = "phone"
[[destinations]]
name = "whatsapp-clinic"
vendor = "whautomate"
action = "upsert"
options = { location_id = "LOCATION" }
"""


def test_a_mended_form_delivers_a_replayed_dead_letter_though_nobody_opens_a_page(
    relay: Relay, forms: Path, operator: Operator
) -> None:
    # Given a dead letter, because the form names a location that the vendor does not know
    phone = "+12025550188"
    (forms / "clinic.toml").write_text(FORM.replace("LOCATION", "nowhere"))
    accepted = relay.sign_up({"email": relay.person()["email"], "mobile": phone}, form="clinic")
    assert accepted.status_code == 202
    assert not relay.held("whautomate", phone)

    # When the form is mended and the letter replayed, without any request to the stack
    (forms / "clinic.toml").write_text(FORM.replace("LOCATION", LOCATION_ID))
    replayed = operator.run("dead-letters", "replay", "--submission", accepted.json()["submissionId"])

    # Then the retry function delivers it by the mended form
    assert replayed.out.endswith("1 dead letter replayed\n")
    eventually(lambda: relay.held("whautomate", phone), seconds=60)
