"""Which50's requests, exactly as they go out, and the client's calls that no flow needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import httpx
import pytest

from local.twins.which50.twin import Which50Twin
from shared.errors import NotFound, Refused
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.which50.bulk import Interaction, Which50BulkClient
from shared.vendors.which50.client import Which50Connection
from shared.vendors.which50.import_job import Which50Import
from shared.vendors.which50.list_fields import ListFields
from shared.vendors.which50.options import UpsertOptions
from shared.vendors.which50.upsert import Which50Upsert
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, soon, task
from tests.vendors.recording import Recorder, Snapshots

KEY = "w50-secret-key"
SECRET = {"base_url": "https://app.which50.com/Which50API", "headers": {"X-Api-Key": KEY}}
FIELDS = {name: name.title().replace("_", "") for name in FULL} | {
    "consent.email": "EmailOptIn",
    "consent.sms": "SmsOptIn",
}
SCHEMA = [{"Id": n, "Name": name} for n, name in enumerate([*FIELDS.values(), "PracticeSize"])]
CONNECTION = Which50Connection.of_secret("which50", SECRET)
recorder = partial(Recorder, secrets=[KEY])


def upsert(answers: Recorder, **options: Any) -> Which50Upsert:
    settings = UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, **options})
    return Which50Upsert(settings, Which50BulkClient(answers.http, CONNECTION, soon()), ListFields())


def test_a_full_contact_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder(SCHEMA, {})
    full = task(channels=ALL_CHANNELS, custom={"PracticeSize": "6-20"}, person=FULL)
    upsert(answers, custom_events=["Welcome", "Score"]).deliver(full, memory)
    snapshots.check("which50_upsert_full", answers)


def test_a_minimal_contact_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder(SCHEMA, {})
    upsert(answers).deliver(task(email="ann@example.com"), memory)
    snapshots.check("which50_upsert_minimal", answers)


def test_every_read_of_the_client_goes_out_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder([], {}, [], {}, [], {}, *[[]] * 8, httpx.Response(200, json="2025-11-25T10:00:00"))
    client = Which50BulkClient(answers.http, CONNECTION, soon())
    client.contact_lists()
    client.contact_list(3)
    client.fields(3)
    client.field(3, 7)
    client.contacts(3, [("$top", "100")])
    client.contact("Enc+1/2=")
    for kind in get_args(Interaction):
        client.interactions("Enc+1/2=", kind)
    client.journey_activities("Enc+1/2=", 12)
    client.server_time()
    snapshots.check("which50_client_reads", answers)


def test_every_write_of_the_client_goes_out_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder(*[{}] * 5)
    client = Which50BulkClient(answers.http, CONNECTION, soon())
    ann = {"Email": "ann+news@example.com", "FirstName": "Ann"}
    client.write_contact(3, ann, match=["Email"], custom_events=["Welcome"])
    client.update_matching(3, {"City": "Dublin"}, match={"Email": "ann+news@example.com", "Note": "a,b"})
    client.submit_contact_form({"ListId": "3", "Email": "ann+news@example.com"})
    client.register_device(3, {"Values": ann, "DeviceID": "device-1"}, match=["Email"])
    client.request("send email", "POST", "/journeys/sendEmail", query=[("match", "Email")], body={"EmailId": 1})
    snapshots.check("which50_client_writes", answers)


def test_an_import_goes_out_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder({"Id": 9}, {}, {}, {"Id": 9, "ProgressPercent": 100})
    job = Which50Import(Which50BulkClient(answers.http, CONNECTION, soon()), 3, ["Email"])
    job.open(["Email", "FirstName"])
    job.add([{"Email": "ann@example.com", "FirstName": "Ann"}, {"Email": "bob@example.com"}])
    job.run(["Welcome"])
    job.poll()
    snapshots.check("which50_import", answers)


def test_user_name_and_password_go_out_as_basic_authentication() -> None:
    secret = {"base_url": SECRET["base_url"], "username": "relay", "password": "pass:word"}
    answers = recorder([])
    Which50BulkClient(answers.http, Which50Connection.of_secret("which50", secret), soon()).contact_lists()
    assert answers.requests[0]["headers"]["authorization"] == "Basic cmVsYXk6cGFzczp3b3Jk"


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.write_contact(3, {"FirstName": "Ann"}, match=["Email"]),
        lambda client: client.write_contact(3, {"Email": " "}, match=["Email"]),
        lambda client: client.write_contact(3, {"Email": "ann@example.com"}, match=[]),
        lambda client: client.update_matching(3, {"City": "Dublin"}, match={"Email": ""}),
        lambda client: client.update_matching(3, {"City": "Dublin"}, match={}),
        lambda client: client.register_device(3, {"DeviceID": "1"}, match=["Email"]),
    ],
)
def test_no_write_of_the_client_matches_on_nothing(write: Callable[[Which50BulkClient], Any]) -> None:
    answers = recorder()
    with pytest.raises(Refused, match="blank"):
        write(Which50BulkClient(answers.http, CONNECTION, soon()))
    assert answers.requests == []


def test_a_contact_is_read_by_its_encrypted_id_not_by_a_number(which50: Which50Twin, http: VendorHttp) -> None:
    encrypted = which50.seed({"Values": {"Email": "ann@example.com"}})["EncContactId"]
    client = Which50BulkClient(http, Which50Connection.of_secret("which50", which50.connection()), soon())
    assert client.contact(encrypted)["Values"]["Email"] == "ann@example.com"
    with pytest.raises(NotFound):
        client.contact("1")
