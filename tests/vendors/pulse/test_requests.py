"""Pulse's requests, exactly as they go out, and the client's calls that no flow needs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import Unauthorized
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.pulse.client import PulseClient, PulseConnection
from shared.vendors.registry import ACTIONS
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, action, soon, task
from tests.vendors.recording import Recorder, Snapshots

SECRET = {
    "base_url": "https://api.pulsehealth.tech",
    "account_id": "7d0c2f6e-1f3b-4f0e-8a35-000000000001",
    "api_token": "c3a1d5f0-52e4-4b62-9b1c-000000000002",
}
CUSTOM: dict[str | int, Any] = {"practiceSize": "6-20", "yearsInPractice": 12, "isOwner": True}
FORM = "5b7a3c52-0c1e-4a52-9d7e-2f4f6f0f6a01"
HELD = {
    "id": 70001,
    "firstName": "Anne",
    "specialty": "Cardiology",
    "emails": [
        {"id": 1001, "emailAddress": "ann+news@example.com", "isSubscribed": False},
        {"id": 1002, "emailAddress": "ann@clinic.example.com", "isSubscribed": True},
    ],
    "phones": [{"id": 2001, "phone": "2025550100", "isSmsSubscribed": True, "isFax": False}],
    "locations": [],
    "customFields": {"practiceSize": "1-5", "since": 2019},
}
recorder = partial(Recorder, secrets=[SECRET["account_id"], SECRET["api_token"]])


def test_a_full_contact_is_created_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"items": []}, {"id": 70001})
    upsert = action("pulse", "upsert", SECRET, answers.http, source=7)
    upsert.deliver(task(channels=ALL_CHANNELS, custom=CUSTOM, person=FULL), memory)
    snapshots.check("pulse_upsert_create_full", answers)


def test_a_minimal_contact_is_created_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"items": []}, {"id": 70001})
    action("pulse", "upsert", SECRET, answers.http, source=7).deliver(task(email="ann@example.com"), memory)
    snapshots.check("pulse_upsert_create_minimal", answers)


def test_a_full_contact_is_updated_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"items": [HELD]}, {})
    upsert = action("pulse", "upsert", SECRET, answers.http, source=7)
    upsert.deliver(task(channels=ALL_CHANNELS, custom=CUSTOM, person=FULL), memory)
    snapshots.check("pulse_upsert_update_full", answers)


def test_a_minimal_contact_is_updated_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"items": [HELD]}, {})
    upsert = action("pulse", "upsert", SECRET, answers.http, source=7)
    upsert.deliver(task(email="ann+news@example.com", first_name="Ann"), memory)
    snapshots.check("pulse_upsert_update_minimal", answers)


def test_a_full_form_is_submitted_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({})
    submit = action("pulse", "submit_form", SECRET, answers.http, form_uuid=FORM, is_test=True)
    submit.deliver(task(channels=ALL_CHANNELS, custom=CUSTOM, person=FULL), memory)
    snapshots.check("pulse_submit_form_full", answers)


def test_a_minimal_form_is_submitted_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({})
    submit = action("pulse", "submit_form", SECRET, answers.http, form_uuid=FORM)
    submit.deliver(task(email="ann@example.com"), memory)
    snapshots.check("pulse_submit_form_minimal", answers)


def test_every_call_of_the_client_goes_out_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder([], {"id": 1}, {"id": 1}, {}, {"items": []}, {})
    client = PulseClient(answers.http, PulseConnection.of_secret("pulse", SECRET), soon())
    client.search_contacts("ann+news@example.com", fields=["id", "emails"], sort=["createdAt:DESC", "lastName:ASC"])
    client.create_contact({"source": 7, "emails": [{"emailAddress": "ann@example.com"}]})
    client.update_contact("70001", {"firstName": "Ann"})
    client.submit_form(FORM, {"emailAddress": "ann@example.com"})
    client.list_forms()
    client.request("list sources", "GET", "/sources", query=[("fields[]", "id")])
    snapshots.check("pulse_client", answers)


def test_the_search_takes_fields_and_sorting(pulse: PulseTwin, http: VendorHttp) -> None:
    pulse.seed({"source": 1, "lastName": "B", "emails": [{"emailAddress": "b@example.com"}]})
    pulse.seed({"source": 1, "lastName": "A", "emails": [{"emailAddress": "a@example.com"}]})
    client = PulseClient(http, PulseConnection.of_secret("pulse", pulse.connection()), soon())
    hits = client.search_contacts("example.com", fields=["lastName"], sort=["lastName:ASC"])
    assert hits.hits == [{"lastName": "A"}, {"lastName": "B"}]


def test_the_list_of_forms_proves_the_credentials_and_tells_swapped_ones(pulse: PulseTwin, http: VendorHttp) -> None:
    probe = ACTIONS["pulse", "upsert"].probe
    assert probe is not None
    probe(PulseConnection.of_secret("pulse", pulse.connection()), http, soon())
    swapped = {**pulse.connection(), "account_id": pulse.api_token, "api_token": pulse.account_id}
    with pytest.raises(Unauthorized):
        probe(PulseConnection.of_secret("pulse", swapped), http, soon())
    assert not pulse.writes()


def test_an_empty_id_never_becomes_another_path() -> None:
    answers = recorder()
    client = PulseClient(answers.http, PulseConnection.of_secret("pulse", SECRET), soon())
    for contact_id in ("", "..", "."):
        with pytest.raises(ValueError, match="empty id"):
            client.update_contact(contact_id, {})
    assert answers.requests == []
