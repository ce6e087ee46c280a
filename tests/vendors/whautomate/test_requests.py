"""Whautomate's requests, exactly as they go out, and the client's calls that no flow needs."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.errors import NotFound, Refused
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.whautomate.client import WhautomateClient, WhautomateConnection
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, action, http_answering, soon, task
from tests.vendors.recording import Recorder, Snapshots

KEY = "wh-secret-key"
SECRET = {"base_url": "https://api.whautomate.com", "api_key": KEY}
CONNECTION = WhautomateConnection.of_secret("whautomate", SECRET)
OPTIONS = {"location_id": LOCATION_ID, "tags": ["Newsletter", "Spring"], "email_custom_field": "email"}
HELD = {
    "id": "66f0aa",
    "name": "Anne",
    "phoneNumber": "12025550143",
    "location": {"id": "66f0other", "title": "Side street"},
    "stage": "Customer",
    "notes": "Called twice",
    "customFields": {"practiceSize": "1-5", "since": 2019},
    "tags": ["Newsletter"],
    "channel": "whatsapp",
    "createdAt": "2025-01-01T00:00:00Z",
}
recorder = partial(Recorder, secrets=[KEY])


def test_a_full_contact_is_created_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder([], [], {"id": "66f0aa"})
    upsert = action("whautomate", "upsert", SECRET, answers.http, **OPTIONS)
    upsert.deliver(task(channels=ALL_CHANNELS, custom={"practiceSize": "6-20"}, person=FULL), memory)
    snapshots.check("whautomate_upsert_create_full", answers)


def test_a_minimal_contact_is_created_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder([], [], {"id": "66f0aa"})
    upsert = action("whautomate", "upsert", SECRET, answers.http, location_id=LOCATION_ID)
    upsert.deliver(task(phone="+12025550143"), memory)
    snapshots.check("whautomate_upsert_create_minimal", answers)


def test_a_full_contact_is_updated_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder([HELD], HELD, {}, {"tags": ["Newsletter", "Spring"]})
    upsert = action("whautomate", "upsert", SECRET, answers.http, **OPTIONS)
    upsert.deliver(task(channels=ALL_CHANNELS, custom={"practiceSize": "6-20"}, person=FULL), memory)
    snapshots.check("whautomate_upsert_update_full", answers)


def test_a_minimal_contact_is_updated_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder([HELD], HELD, {})
    upsert = action("whautomate", "upsert", SECRET, answers.http, location_id=LOCATION_ID)
    upsert.deliver(task(phone="+12025550143", first_name="Ann"), memory)
    snapshots.check("whautomate_upsert_update_minimal", answers)


def test_every_call_of_the_client_goes_out_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder([], [], {"id": "1"}, {"id": "1"}, {}, {"success": True}, {}, {}, {}, [], [])
    client = WhautomateClient(answers.http, CONNECTION, soon())
    client.search_contacts()
    client.search_contacts("+15165550143", page=2, limit=10, tags="VIP", location_id="66f0", channel="whatsapp")
    client.add_contact({"name": "Ann", "phoneNumber": "+15165550143"})
    client.get_contact("66f0/aa")
    client.update_contact("66f0aa", {"name": "Ann", "phoneNumber": "+15165550143"})
    client.delete_contact("66f0aa")
    client.add_tags("66f0aa", ["VIP"])
    client.remove_tags("66f0aa", ["VIP"])
    client.account_info()
    client.list_locations()
    client.request("list tags", "GET", "/v1/contactTags", query=[("page", "1")])
    snapshots.check("whautomate_client", answers)


def test_a_contact_is_tagged_untagged_and_deleted(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    contact_id = whautomate.seed({"name": "Ann", "phoneNumber": "+15165550143", "tags": ["Old"]})["id"]
    client = WhautomateClient(http, WhautomateConnection.of_secret("whautomate", whautomate.connection()), soon())
    assert client.add_tags(contact_id, ["VIP"]) == ["Old", "VIP"]
    assert client.remove_tags(contact_id, ["Old"]) == ["VIP"]
    assert client.list_locations() == [{"id": LOCATION_ID, "title": "Main street"}]
    client.delete_contact(contact_id)
    assert whautomate.contacts() == []
    with pytest.raises(NotFound):
        client.delete_contact(contact_id)


def test_a_delete_that_did_not_succeed_is_a_refusal() -> None:
    http = http_answering(lambda _: httpx.Response(200, json={"success": False}))
    with pytest.raises(Refused):
        WhautomateClient(http, CONNECTION, soon()).delete_contact("66f0aa")
