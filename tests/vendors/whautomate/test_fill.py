"""Whautomate `upsert` with `write = "fill"`, against its twin."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import action, task

PHONE = "+15165550143"
ALL = ("name", "company", "custom.mail", "custom.size")
SIGN_UP: dict[str, Any] = {
    "phone": PHONE,
    "first_name": "Ada",
    "last_name": "King",
    "email": "ada@example.com",
    "custom": {"size": "20+"},
}


@pytest.fixture
def upsert(whautomate: WhautomateTwin, http: VendorHttp) -> Action:
    options = {"location_id": LOCATION_ID, "email_custom_field": "mail"}
    return action("whautomate", "upsert", whautomate.connection(), http, **options)


def seed(whautomate: WhautomateTwin, **more: Any) -> None:
    whautomate.seed({"name": "Ann Lee", "phoneNumber": PHONE, "location": {"id": LOCATION_ID}, **more})


def held(whautomate: WhautomateTwin) -> tuple[str, dict[str, Any]]:
    [contact] = whautomate.contacts()
    return contact["name"], contact.get("customFields") or {}


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_empty_is_filled(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, nothing: str | None
) -> None:
    seed(whautomate, name=PHONE, customFields={"mail": nothing})
    upsert.deliver(task(**SIGN_UP, fill=ALL), memory)
    assert held(whautomate) == ("Ada King", {"mail": "ada@example.com", "size": "20+"})


def test_one_name_that_is_held_is_not_completed_by_the_other(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(whautomate, name="Ann")
    upsert.deliver(task(phone=PHONE, first_name="Ada", last_name="King", fill=["name"]), memory)
    assert held(whautomate)[0] == "Ann"
