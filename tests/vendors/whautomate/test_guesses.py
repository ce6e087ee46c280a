"""Whautomate: what no page says is a matter of the form file, not of the code."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from shared.errors import Conflict, Refused, VendorError
from shared.person_record import PersonRecord
from shared.vendors.whautomate.client import WhautomateClient, WhautomateConnection
from shared.vendors.whautomate.options import UpsertOptions
from tests.support.vendor_fakes import action, soon, task
from tests.vendors.recording import Recorder

PHONE = "+15165550143"
SECRET = {"base_url": "https://api.example.com", "api_key": "key"}
HELD = {"id": "1", "name": "Ann Lee", "phoneNumber": PHONE, "location": {"id": "loc"}}


def deliver(memory: PersonRecord, *answers: Any, **options: Any) -> Recorder:
    recorder = Recorder(*answers)
    upsert = action("whautomate", "upsert", SECRET, recorder.http, location_id="loc", **options)
    upsert.deliver(task(phone=PHONE, first_name="Ann", last_name="Lee", custom={"size": 5.0, "vip": True}), memory)
    return recorder


def test_a_number_is_written_as_the_account_wants_it(memory: PersonRecord) -> None:
    plus = deliver(memory, [], [], {"id": "1"})
    memory.contact_id = None
    bare = deliver(memory, [], [], {"id": "1"}, phone_format="digits")

    assert plus.requests[-1]["body"]["phoneNumber"] == "+15165550143"
    assert bare.requests[-1]["body"]["phoneNumber"] == "15165550143"


def test_custom_fields_keep_their_types_where_the_account_wants_them(memory: PersonRecord) -> None:
    texts = deliver(memory, [], [], {"id": "1"})
    memory.contact_id = None
    typed = deliver(memory, [], [], {"id": "1"}, custom_field_values="typed")

    assert texts.requests[-1]["body"]["customFields"] == {"size": "5", "vip": "true"}
    assert typed.requests[-1]["body"]["customFields"] == {"size": 5, "vip": True}


def test_tags_go_under_the_name_that_the_account_wants(memory: PersonRecord) -> None:
    held = {**HELD, "customFields": {"size": "5", "vip": "true"}}

    recorder = deliver(memory, [held], held, {"id": "1", "tags": ["VIP"]}, tags=["VIP"], tags_member="tagNames")

    assert recorder.requests[-1]["path"] == "/v1/contacts/1/tags/add"
    assert recorder.requests[-1]["body"] == {"tagNames": ["VIP"]}


def test_a_page_is_as_long_as_the_account_bears(memory: PersonRecord) -> None:
    recorder = deliver(memory, [], [], {"id": "1"}, search_page_size=7)

    assert "limit=7" in recorder.requests[0]["query"]


@pytest.mark.parametrize(
    ("text", "error"),
    [("Der Kontakt ist bereits vorhanden", Conflict), ("Contact already exists", Refused), ("Unbereits", Refused)],
)
def test_that_a_contact_exists_is_recognised_by_the_accounts_own_words(text: str, error: type[VendorError]) -> None:
    http = Recorder(httpx.Response(400, text=text)).http
    connection = WhautomateConnection.of_secret("w", SECRET)
    client = WhautomateClient(http, connection, soon(), exists_words=["bereits"])

    with pytest.raises(error):
        client.add_contact({"name": "Ann"})


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"phone_format": "national"}, "'e164' or 'digits'"),
        ({"custom_field_values": "json"}, "'text' or 'typed'"),
        ({"exists_words": []}, "at least 1 item"),
        ({"tags_member": ""}, "at least 1 character"),
        ({"search_page_size": 0}, "greater than 0"),
    ],
)
def test_a_wrong_guess_is_refused_when_the_form_loads(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        UpsertOptions.model_validate({"location_id": "loc", **options})
