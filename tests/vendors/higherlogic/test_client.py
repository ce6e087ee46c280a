"""Higher Logic's client: both calls, exactly as they go out, and what is refused before it does."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest

from shared.errors import CredentialsMissing, Refused
from shared.person_record import PersonRecord
from shared.vendors.higherlogic.actions import ACTIONS
from shared.vendors.higherlogic.client import (
    MAX_BYTES,
    MAX_RECORDS,
    HigherLogicClient,
    HigherLogicConnection,
    Membership,
)
from shared.vendors.higherlogic.options import UpsertOptions
from tests.support.vendor_fakes import http_answering, soon, task
from tests.vendors.recording import Recorder, Snapshots

KEY = "hl-tenant-key"
SECRET = {"base_url": "https://datapushapi.higherlogic.com/v2", "api_key": KEY}
CONNECTION = HigherLogicConnection.of_secret("higherlogic", SECRET)
ANN = {"ContactDetails": {"ContactId": "form:1", "FirstName": "Ann", "IsOrganization": False}}
recorder = partial(Recorder, secrets=[KEY])


def client(answers: Recorder) -> HigherLogicClient:
    return HigherLogicClient(answers.http, CONNECTION, soon())


def membership(mode: Any, *contact_ids: str) -> Membership:
    return Membership("l-1", "Newsletter", contact_ids, mode, "Opt-in")


def test_a_full_contact_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder(None, None)
    options = UpsertOptions.model_validate(
        {
            "lists": [{"id": "l-1", "name": "Newsletter", "type": "Opt-in"}, {"id": "l-2", "name": "Events"}],
            "groups": [{"id": "g-1", "name": "Members"}],
        }
    )
    full = task(
        channels=["email", "sms", "call"],
        custom={"Bio": "Likes <b>dogs</b>", "WebsiteURL": "https://example.com/ann", "Suffix": "Jr"},
        email="Ann.Lee@example.com",
        phone="+15165550100",
        salutation="Dr",
        first_name="Ann",
        middle_name="B",
        last_name="Lee",
        credentials="MD",
        gender="F",
        contact_type="Clinician",
        company="Lee Ltd",
        job_title="Owner",
        address_line1="1 First Street",
        address_line2="Floor 2",
        city="New York",
        state="NY",
        postal_code="10001",
        country="us",
        birthday="2000-01-31",
    )
    ACTIONS[0].build(options, CONNECTION, answers.http, soon()).deliver(full, memory)
    snapshots.check("higherlogic_upsert_full", answers)


def test_a_minimal_contact_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder(None)
    minimal = task(email="ann@example.com", last_name="Lee")
    ACTIONS[0].build(UpsertOptions(), CONNECTION, answers.http, soon()).deliver(minimal, memory)
    snapshots.check("higherlogic_upsert_minimal", answers)


def test_every_call_of_the_client_is_sent_as_recorded(snapshots: Snapshots) -> None:
    answers = recorder(*[None] * 7)
    higherlogic = client(answers)
    higherlogic.push_contacts([ANN, {"ContactDetails": {**ANN["ContactDetails"], "ContactId": "form:2"}}])
    higherlogic.delete_contacts(["form:1", "form:2"])
    higherlogic.push_lists([membership(mode, "form:1") for mode in ("Append", "Add")])
    higherlogic.push_lists([membership("Remove", "form:1")])
    higherlogic.push_lists([membership("Replace", "form:1", "form:2")])
    higherlogic.push_lists([Membership("l-2", "Events", ("form:1",), "Append")])
    higherlogic.request("push meetings", "POST", "/meeting", body=[{"MeetingId": "m-1"}])
    snapshots.check("higherlogic_client", answers)


@pytest.mark.parametrize("mode", ["Replace", "Append", "Add", "Remove"])
def test_a_membership_of_nobody_is_refused_before_any_call(mode: str) -> None:
    answers = recorder()
    with pytest.raises(Refused, match="names nobody"):
        client(answers).push_lists([membership("Append", "form:1"), membership(mode)])
    assert answers.requests == []


def test_a_push_holds_1_to_100_records_of_1_mib_at_most() -> None:
    answers = recorder(None)
    large = {"ContactDetails": {"ContactId": "form:1", "Bio": "x" * MAX_BYTES}}
    for contacts in ([], [ANN] * (MAX_RECORDS + 1), [large]):
        with pytest.raises(Refused):
            client(answers).push_contacts(contacts)
    assert answers.requests == []
    client(answers).push_contacts([ANN] * MAX_RECORDS)
    assert len(answers.requests) == 1


@pytest.mark.parametrize("flag", ["success", "Success", "IsSuccess"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_explicit_false_in_a_2xx_is_a_failure(flag: str, wrapped: bool) -> None:
    body: Any = {flag: False, "errorMessage": "ann@example.com is bad"}
    with pytest.raises(Refused) as refused:
        client(recorder([{flag: True}, body] if wrapped else body)).push_contacts([ANN])
    assert "ann" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"OK", b'"accepted"', b"{}", b'{"success": true}', b"[1]", b"0"])
def test_any_other_2xx_body_is_success(content: bytes) -> None:
    http = http_answering(lambda _: httpx.Response(202, content=content))
    HigherLogicClient(http, CONNECTION, soon()).push_contacts([ANN])


def test_the_canadian_host_is_a_matter_of_the_secret() -> None:
    canada = {**SECRET, "base_url": "https://datapushapi.onlinecommunity.ca/v2/"}
    hosts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(str(request.url))
        return httpx.Response(200)

    connection = HigherLogicConnection.of_secret("higherlogic", canada)
    HigherLogicClient(http_answering(answer), connection, soon()).push_contacts([ANN])
    assert hosts == ["https://datapushapi.onlinecommunity.ca/v2/contactinfo"]


def test_a_header_name_that_would_forge_another_is_refused_without_showing_the_key() -> None:
    with pytest.raises(CredentialsMissing, match="api_key_header") as refused:
        HigherLogicConnection.of_secret("higherlogic", {**SECRET, "api_key_header": "ApiKey\r\nX: y"})
    assert KEY not in str(refused.value)


def test_only_a_contact_that_we_minted_is_erased() -> None:
    answers, (spec,) = recorder(None), ACTIONS
    assert spec.erase is not None
    assert spec.erase(CONNECTION, answers.http, soon(), "member-4711", lambda _: True) is False
    assert answers.requests == []
    assert spec.erase(CONNECTION, answers.http, soon(), "form:1", lambda _: True) is True
    assert answers.requests[0]["body"] == [{"ContactDetails": {"ContactId": "form:1", "IsDeleted": True}}]
