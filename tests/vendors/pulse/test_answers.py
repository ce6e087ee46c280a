"""Pulse: an account whose answers look otherwise is a matter of the form file, not of the code."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.errors import Ambiguous, Misconfigured
from shared.person_record import PersonRecord
from shared.vendors.pulse.options import UpsertOptions
from tests.support.vendor_fakes import action, task
from tests.vendors.recording import Recorder

ANN = "ann@example.com"
SECRET = {"base_url": "https://api.pulse.example", "account_id": "account", "api_token": "token"}
ANSWERS = {"contacts": "found.people", "total": "found.all", "id": "ref.number", "addresses": "mail[].address"}
HIT = {"ref": {"number": 5}, "mail": [{"address": "ANN@example.com"}]}


def deliver(memory: PersonRecord, *answers: Any) -> Recorder:
    recorder = Recorder(*answers)
    upsert = action("pulse", "upsert", SECRET, recorder.http, source=7, answers=ANSWERS)
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    return recorder


def test_a_contact_is_found_under_the_configured_names(memory: PersonRecord) -> None:
    recorder = deliver(memory, {"found": {"people": [HIT], "all": 1}}, {})
    assert [request["method"] for request in recorder.requests] == ["GET", "PUT"]
    assert recorder.requests[1]["path"] == "/contacts/5"
    assert memory.contact_id == "5"


def test_nobody_is_nobody_and_the_created_id_is_read_under_its_configured_name(memory: PersonRecord) -> None:
    deliver(memory, {"found": {"people": [], "all": 0}}, {"ref": {"number": 6}})
    assert memory.contact_id == "6"


def test_an_answer_without_the_configured_names_is_not_taken_for_nobody(memory: PersonRecord) -> None:
    with pytest.raises(Misconfigured, match="not understood"):
        deliver(memory, {"items": []})
    with pytest.raises(Ambiguous, match="does not show"):
        deliver(memory, {"found": {"people": [{"ref": {"number": 5}, "emails": [{"emailAddress": ANN}]}]}})


OTHER_NAMES = "{id: key, emails: mails[].{id: ref, emailAddress: text, isSubscribed: on}, phones: numbers}"
OTHER_HIT = {"key": 5, "mails": [{"ref": 7, "text": ANN, "on": False}], "numbers": []}


def test_a_hit_in_other_names_is_rewritten_so_that_consent_finds_its_record_id(memory: PersonRecord) -> None:
    recorder = Recorder([OTHER_HIT], {})
    upsert = action("pulse", "upsert", SECRET, recorder.http, source=7, answers={"contact": OTHER_NAMES})

    upsert.deliver(task(email=ANN, channels=["email"]), memory)

    assert recorder.requests[1]["path"] == "/contacts/5"
    assert recorder.requests[1]["body"] == {"emails": [{"id": 7, "emailAddress": ANN, "isSubscribed": True}]}


def test_a_hit_that_cannot_be_rewritten_is_not_taken_for_somebody_else(memory: PersonRecord) -> None:
    recorder = Recorder([{"name": "?"}])
    upsert = action("pulse", "upsert", SECRET, recorder.http, source=7, answers={"contact": "missing"})

    with pytest.raises(Ambiguous, match="does not show"):
        upsert.deliver(task(email=ANN), memory)


def test_the_id_of_a_create_may_stand_elsewhere_than_in_a_hit(memory: PersonRecord) -> None:
    recorder = Recorder([], {"saved": [{"number": 6}]})
    answers = {"id": "key", "created_id": "saved[0].number"}

    action("pulse", "upsert", SECRET, recorder.http, source=7, answers=answers).deliver(task(email=ANN), memory)

    assert memory.contact_id == "6"


def test_further_pages_are_asked_for_by_the_accounts_own_parameter(memory: PersonRecord) -> None:
    strangers = [{"id": n, "emails": [{"emailAddress": f"ann{n}@example.com"}]} for n in range(5)]
    recorder = Recorder(strangers, [], {"id": 9})

    action("pulse", "upsert", SECRET, recorder.http, source=7, page_parameter="pageNumber").deliver(
        task(email=ANN), memory
    )

    assert "pageNumber=2" in recorder.requests[1]["query"]


def test_a_path_that_is_no_jmespath_is_refused_when_the_form_loads() -> None:
    with pytest.raises(ValidationError, match="must be JMESPath"):
        UpsertOptions.model_validate({"source": 7, "answers": {"contacts": "items["}})


@pytest.mark.parametrize(("name", "options"), [("upsert", {"source": 7}), ("submit_form", {"form_uuid": "a" * 36})])
def test_what_an_account_wants_in_every_record_is_a_matter_of_the_form_file(
    name: str, options: dict[str, Any], memory: PersonRecord
) -> None:
    recorder = Recorder(*([[], {"id": 1}] if name == "upsert" else [{}]))
    given = {**options, "constants": {"campaign": "spring", "contactType": "HCP"}}
    action("pulse", name, SECRET, recorder.http, **given).deliver(task(email=ANN, contact_type="Patient"), memory)
    body = recorder.requests[-1]["body"]
    assert (body["campaign"], body["contactType"]) == ("spring", "Patient")


@pytest.mark.parametrize("name", ["emailIsSubscribed", "isSubscribed", "emails", "source", "id"])
def test_neither_consent_nor_identity_can_be_constant(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be constant"):
        UpsertOptions.model_validate({"source": 7, "constants": {name: True}})
