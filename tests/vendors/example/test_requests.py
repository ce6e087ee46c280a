"""Mailroom's requests, exactly as they go out."""

from __future__ import annotations

from functools import partial

from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, NOW, soon, task
from tests.vendors.example.mailroom import ACTIONS
from tests.vendors.recording import Recorder, Snapshots

KEY = "mr-secret-key"
HELD = {"id": "c101", "email": "Ann@Example.com", "firstName": "Anne", "tags": ["VIP"], "fields": {"size": "1-5"}}
recorder = partial(Recorder, secrets=[KEY])


def upsert(answers: Recorder, **options: object) -> Action:
    [spec] = ACTIONS
    secret = {"base_url": "https://api.example.com", "api_key": KEY}
    connection = spec.connection.of_secret("mailroom", secret)
    return spec.build(spec.options(**options), connection, answers.http, soon())


def nobody_known() -> PersonRecord:
    return PersonRecord(now=NOW, ends_at=NOW)


def test_a_full_contact_is_created_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder({"contacts": []}, {"id": "c101"})
    full = task(channels=ALL_CHANNELS, custom={"size": "6-20"}, person=FULL)
    upsert(answers, mailbox="Main", tags=["News"]).deliver(full, nobody_known())
    snapshots.check("mailroom_upsert_create_full", answers)


def test_a_minimal_contact_is_created_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder({"contacts": []}, {"id": "c101"})
    upsert(answers).deliver(task(email="ann@example.com"), nobody_known())
    snapshots.check("mailroom_upsert_create_minimal", answers)


def test_a_full_contact_is_updated_as_recorded(snapshots: Snapshots) -> None:
    held = {**HELD, "email": FULL["email"]}
    answers = recorder({"contacts": [held]}, held, {})
    full = task(channels=ALL_CHANNELS, custom={"size": "6-20"}, person=FULL)
    upsert(answers, mailbox="Main", tags=["News"]).deliver(full, nobody_known())
    snapshots.check("mailroom_upsert_update_full", answers)


def test_a_minimal_contact_is_updated_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder({"contacts": [HELD]}, HELD, {})
    upsert(answers).deliver(task(email="ann@example.com", first_name="Ann"), nobody_known())
    snapshots.check("mailroom_upsert_update_minimal", answers)
