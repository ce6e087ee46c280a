"""Which50's import jobs, against its twin."""

from __future__ import annotations

import json

import httpx
import pytest

from local.twins.which50.twin import Which50Twin
from shared.deadline import Deadline
from shared.errors import Misconfigured, OutcomeUnknown, Refused
from shared.http.vendor_http import VendorHttp
from shared.vendors.which50.bulk import Which50BulkClient
from shared.vendors.which50.client import Which50Connection
from shared.vendors.which50.import_job import IMPORT_ROWS, Which50Import
from tests.support.vendor_fakes import http_answering, soon

SECRET = {"base_url": "https://which50.example/Which50API", "headers": {"X-Api-Key": "key"}}


@pytest.fixture
def client(which50: Which50Twin, http: VendorHttp) -> Which50BulkClient:
    return Which50BulkClient(http, Which50Connection.of_secret("which50", which50.connection()), soon())


def answering(body: object) -> Which50BulkClient:
    http = http_answering(lambda _: httpx.Response(200, json=body))
    return Which50BulkClient(http, Which50Connection.of_secret("which50", SECRET), soon())


def people(number: int) -> list[dict[str, str]]:
    return [{"Email": f"p{each}@example.com", "FirstName": "P"} for each in range(number)]


def test_a_job_is_opened_filled_run_awaited_and_reconciled(which50: Which50Twin, client: Which50BulkClient) -> None:
    which50.seed({"Values": {"Email": "p0@example.com", "FirstName": "Old"}})
    job = Which50Import(client, 3, ["Email"])
    job.open(["Email", "FirstName"])
    job.add([*people(3), {"Email": "no address", "FirstName": "Bad"}])
    job.run()
    report = job.wait(soon(), pause=0.05)
    assert (report.sent, report.inserted, report.updated, report.not_updated) == (4, 2, 1, 1)
    assert (report.invalid_emails, report.invalid_phones, report.dropped, report.unaccounted) == (1, 0, 0, 0)
    assert [contact["Values"]["FirstName"] for contact in which50.contacts()] == ["P", "P", "P"]


def test_a_thousand_rows_go_into_one_call_at_most(which50: Which50Twin, client: Which50BulkClient) -> None:
    job = Which50Import(client, 3, ["Email"])
    job.open(["Email", "FirstName"])
    job.add(people(IMPORT_ROWS + 1))
    fills = [json.loads(entry.body) for entry in which50.requests if entry.path.endswith("/import/1")]
    assert [len(rows) for rows in fills] == [1_000, 1]
    assert fills[1] == [{"ListId": 3, "Values": {"Email": "p1000@example.com", "FirstName": "P"}}]


def test_a_job_goes_on_under_its_id_after_a_crash(which50: Which50Twin, client: Which50BulkClient) -> None:
    job_id = Which50Import(client, 3, ["Email"]).open(["Email", "FirstName"])
    resumed = Which50Import(client, 3, ["Email"], job_id=job_id, sent=1)
    resumed.add(people(1))
    assert resumed.sent == 2
    assert len(which50.jobs) == 1


def test_a_row_with_a_blank_match_value_is_never_imported(which50: Which50Twin, client: Which50BulkClient) -> None:
    job = Which50Import(client, 3, ["Email"], job_id=1)
    with pytest.raises(Refused, match="blank"):
        job.add([*people(1), {"FirstName": "Nobody"}])
    assert not which50.requests


def test_a_job_that_is_not_run_writes_nothing(which50: Which50Twin, client: Which50BulkClient) -> None:
    job = Which50Import(client, 3, ["Email"])
    job.open(["Email"])
    job.add([{"Email": "p@example.com"}])
    assert not job.poll().finished
    assert not which50.contacts()


def test_waiting_is_capped_and_says_that_the_job_is_not_finished(
    which50: Which50Twin, client: Which50BulkClient
) -> None:
    which50.options.change({"import_seconds": 60.0})
    job = Which50Import(client, 3, ["Email"])
    job.open(["Email"])
    job.run()
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    report = job.wait(Deadline(at=12.0, monotonic=lambda: now[0]), pause=5.0, sleep=sleep)
    assert not report.finished
    assert now[0] == 10.0


def test_custom_events_of_a_job_run_only_where_asked(which50: Which50Twin, client: Which50BulkClient) -> None:
    which50.options.change({"import_seconds": 0.0})
    job = Which50Import(client, 3, ["Email"])
    job.open(["Email"])
    job.add([{"Email": "p@example.com"}])
    job.run(["Welcome"])
    assert job.poll().finished
    assert len(which50.events_of("Welcome")) == 1


def test_opening_is_never_repeated_blindly_since_it_would_leave_an_orphan(
    which50: Which50Twin, client: Which50BulkClient
) -> None:
    which50.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        Which50Import(client, 3, ["Email"]).open(["Email"])
    assert len(which50.jobs) == 1


def test_an_opened_job_without_an_id_is_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown, match="names no job"):
        Which50Import(answering({}), 3, ["Email"]).open(["Email"])


def test_a_job_must_be_open_before_it_is_filled() -> None:
    with pytest.raises(Misconfigured, match="not open"):
        Which50Import(answering({}), 3, ["Email"]).add(people(1))


def test_contacts_that_a_job_deleted_are_an_alarm(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    done = {"Id": 1, "FinishDate": "2025-11-25T10:00:00", "DroppedContacts": 2, "CurrentStatus": "whatever"}
    report = Which50Import(answering(done), 3, ["Email"], job_id=1, sent=3).poll()
    assert (report.finished, report.dropped, report.unaccounted) == (True, 2, 3)
    assert '"ImportDroppedContacts":[2.0]' in capsys.readouterr().out
