"""Pulse `upsert`, against its twin: each trap of the vendor's page is a sentence here."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import (
    Ambiguous,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    TryLater,
    Unauthorized,
)
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.flows import MAX_LOOKS
from shared.vendors.protocol import Action
from shared.vendors.pulse.memory import PulseMemory
from shared.vendors.pulse.options import UpsertOptions
from tests.support.vendor_fakes import NOW, action, bodies, http_answering, person_record, task
from tests.vendors.recording import Recorder

ANN = "ann@example.com"
SECRET = {"base_url": "https://api.pulse.example", "account_id": "account", "api_token": "token"}


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


def option(pulse: PulseTwin, **changes: Any) -> None:
    pulse.options.change(changes)


def held(pulse: PulseTwin, email: str = ANN) -> dict[str, Any]:
    """Return the one contact with this address."""
    [contact] = [each for each in pulse.contacts() if email in [mail["emailAddress"] for mail in each["emails"]]]
    return contact


def seed(pulse: PulseTwin, email: str = ANN, **more: Any) -> dict[str, Any]:
    return pulse.seed({"source": 1, "emails": [{"emailAddress": email, "isSubscribed": False}], **more})


def answering(*answers: httpx.Response, **options: Any) -> Action:
    return action("pulse", "upsert", SECRET, Recorder(*answers).http, source=7, **options)


# Finding


def test_nobody_found_is_created_with_its_source(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert (held(pulse)["firstName"], held(pulse)["source"]) == ("Ann", 7)
    assert memory.contact_id == str(held(pulse)["id"])


def test_a_404_from_the_search_is_nobody(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    option(pulse, not_found="missing")
    upsert.deliver(task(email=ANN), memory)
    assert len(pulse.contacts()) == 1


@pytest.mark.parametrize("wrapper", ["items", "data", "contacts", "bare"])
def test_every_plausible_wrapper_of_a_search_is_understood(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, wrapper: str
) -> None:
    option(pulse, wrapper=wrapper)
    seed(pulse)
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert held(pulse)["firstName"] == "Ann"


@pytest.mark.parametrize("body", [{"data": {"items": [{"id": 5, "emailAddress": ANN}]}}, {"id": 5, "email": ANN}])
def test_nested_wrappers_and_a_lone_record_are_understood_too(body: Any, memory: PersonRecord) -> None:
    answering(httpx.Response(200, json=body), httpx.Response(204)).deliver(task(email=ANN, first_name="A"), memory)
    assert memory.contact_id == "5"


@pytest.mark.parametrize("answer", [httpx.Response(200, json={"total": 0}), httpx.Response(200, text="OK")])
def test_a_search_answer_that_is_not_understood_creates_nobody(answer: httpx.Response, memory: PersonRecord) -> None:
    with pytest.raises(Misconfigured, match="not understood"):
        answering(answer).deliver(task(email=ANN), memory)


def test_an_empty_search_answer_is_nobody(memory: PersonRecord) -> None:
    answering(httpx.Response(204), httpx.Response(201, json={"data": {"id": 9}})).deliver(task(email=ANN), memory)
    assert memory.contact_id == "9"


def test_case_and_padding_of_an_address_do_not_make_another_person(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, "ANN@example.com ")
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert [contact["firstName"] for contact in pulse.contacts()] == ["Ann"]


def test_an_exact_match_without_an_id_is_ambiguous(memory: PersonRecord) -> None:
    with pytest.raises(Ambiguous, match="without an id"):
        answering(httpx.Response(200, json=[{"emailAddress": ANN}])).deliver(task(email=ANN), memory)


def test_an_address_with_plus_is_found_again(pulse: PulseTwin, upsert: Action) -> None:
    for _ in range(2):
        upsert.deliver(task(email="ann+news@example.com"), person_record("pulse"))
    assert len(pulse.contacts()) == 1
    assert "simpleSearch" in pulse.requests[0].query
    assert pulse.requests[0].query["simpleSearch"] == ["ann+news@example.com"]
    assert pulse.requests[0].query["groups[]"] == ["contact_display_email"]


# Search lag, test contacts, memory


def test_a_create_that_names_no_id_makes_no_second_contact_while_the_search_lags(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    option(pulse, write_answer="none", search_lag=60.0)
    upsert.deliver(task(email=ANN, search_lag=30), memory)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 1), memory)
    option(pulse, search_lag=0.0)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 31), memory)
    assert held(pulse)["firstName"] == "Ann"


def test_a_new_contact_that_pulse_forgot_for_a_moment_is_still_remembered(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    option(pulse, search_lag=3600.0)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    pulse.fail("status", status=404, method="PUT")
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, first_name="Ann", specialty="Oncology", search_lag=30, now=NOW + 1), memory)
    assert caught.value.retry_after == 29
    upsert.deliver(task(email=ANN, first_name="Ann", specialty="Oncology", search_lag=30, now=NOW + 31), memory)
    assert held(pulse)["specialty"] == "Oncology"


def test_a_contact_is_new_from_the_latest_time_at_which_it_can_have_been_created(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    memory.ends_at = NOW + 10
    upsert.deliver(task(email=ANN, search_lag=30), memory)
    pulse.reset()
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 31), memory)
    assert caught.value.retry_after == 9


def test_a_contact_that_a_lost_create_made_is_not_made_twice_either(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    pulse.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(email=ANN, search_lag=30), memory)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 1), memory)
    option(pulse, search_lag=60.0)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 2), memory)
    assert len(pulse.contacts()) == 1


def test_a_contact_that_is_gone_but_still_shown_is_looked_for_again(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse)
    pulse.fail("status", status=404, method="PUT", count=2)
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    assert caught.value.retry_after == 30
    pulse.reset()
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 30), memory)
    assert held(pulse)["firstName"] == "Ann"
    assert memory.unconfirmed == []


def test_a_contact_that_is_gone_and_shown_for_ever_is_a_case_for_a_person(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse)
    pulse.fail("status", status=404, method="PUT", count=None)
    for _ in range(MAX_LOOKS - 1):
        with pytest.raises(TryLater):
            upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    with pytest.raises(Ambiguous):
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)


def test_a_contact_that_was_deleted_is_created_again_once_it_is_no_longer_new(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    upsert.deliver(task(email=ANN, search_lag=30), memory)
    upsert.deliver(task(email=ANN, search_lag=30, now=NOW + 1), memory)
    pulse.reset()
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, search_lag=30, now=NOW + 2), memory)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30, now=NOW + 31), memory)
    assert held(pulse)["firstName"] == "Ann"


def test_what_a_lagging_search_shows_never_undoes_our_own_last_write(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, firstName="Old", lastName="Lee")
    time.sleep(0.3)
    upsert.deliver(task(email=ANN, first_name="New", search_lag=30), memory)
    option(pulse, search_lag=0.3)
    upsert.deliver(task(email=ANN, specialty="Oncology", search_lag=30, now=NOW + 1), memory)
    assert (held(pulse)["firstName"], held(pulse)["specialty"]) == ("New", "Oncology")


def test_a_list_is_not_changed_before_the_search_shows_our_own_last_write(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    option(pulse, search_lag=60.0)
    upsert.deliver(task(email=ANN, phone="+12025550143", search_lag=30), memory)
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=30, now=NOW + 1), memory)
    assert caught.value.retry_after == 30
    option(pulse, search_lag=0.0)
    upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=30, now=NOW + 31), memory)
    assert [phone["phone"] for phone in held(pulse)["phones"]] == ["2025550143", "2025550199"]


def test_a_search_that_shows_our_own_last_write_is_trusted_at_once(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    upsert.deliver(task(email=ANN, phone="+12025550143", search_lag=30), memory)
    upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=30, now=NOW + 1), memory)
    upsert.deliver(task(email=ANN, phone="+12025550101", search_lag=30, now=NOW + 2), memory)
    assert [phone["phone"][-4:] for phone in held(pulse)["phones"]] == ["0143", "0199", "0101"]


def test_a_test_contact_is_hidden_from_search_and_updated_by_its_remembered_id(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, is_test=True)
    upsert.deliver(task(email=ANN), memory)
    result = upsert.deliver(task(email=ANN, first_name="Ann", phone="+12025550143"), memory)
    assert held(pulse)["isTest"] is True
    assert held(pulse)["firstName"] == "Ann"
    assert result.left_out == ("phone",)


def test_a_contact_that_vanished_under_one_id_and_stands_under_another_is_updated(memory: PersonRecord) -> None:
    hit = httpx.Response(200, json=[{"id": 2, "emails": [{"id": 1, "emailAddress": ANN}]}])
    none, gone, done = httpx.Response(200, json=[]), httpx.Response(404), httpx.Response(200, json={})
    memory.contact_id, memory.memory = "1", PulseMemory(hidden_since=NOW)
    answering(none, gone, hit, done).deliver(task(email=ANN, first_name="Ann"), memory)
    assert memory.contact_id == "2"


# Updating


def test_consent_goes_to_the_addresss_own_record_id(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    contact = seed(pulse)
    upsert.deliver(task(email=ANN, channels=["email"]), memory)
    [body] = bodies(pulse, "PUT")
    assert body["emails"] == [{"id": contact["emails"][0]["id"], "emailAddress": ANN, "isSubscribed": True}]
    assert len(held(pulse)["emails"]) == 1


def test_an_email_without_its_record_id_is_never_sent_on_an_update(memory: PersonRecord) -> None:
    hit = httpx.Response(200, json=[{"id": 1, "emails": [{"emailAddress": ANN}]}])
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return hit if request.method == "GET" else httpx.Response(200, json={})

    upsert = action("pulse", "upsert", SECRET, http_answering(answer), source=7)
    result = upsert.deliver(task(email=ANN, first_name="Ann", channels=["email"]), memory)
    assert result.left_out == ("consent.email",)
    assert b"emails" not in sent[-1].content


def test_an_email_that_only_the_contact_itself_shows_cannot_take_consent(memory: PersonRecord) -> None:
    hit = {"id": 1, "emailAddress": ANN, "emails": [{"id": 4, "emailAddress": "other@example.com"}]}
    upsert = answering(*[httpx.Response(200, json=[hit])] * 2)
    assert upsert.deliver(task(email=ANN, channels=["email"]), memory).left_out == ("consent.email",)
    assert upsert.deliver(task(email=ANN), memory).left_out == ()


def test_an_update_never_sends_null_or_an_empty_text(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    seed(pulse, lastName="", customFields={"size": None})
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    [body] = bodies(pulse, "PUT")
    assert body == {"firstName": "Ann"}


def test_a_list_whose_entries_show_no_ids_is_not_sent(memory: PersonRecord) -> None:
    hit = {"id": 1, "emails": [{"id": 2, "emailAddress": ANN}], "phones": [{"phone": "2025550143"}]}
    upsert = answering(httpx.Response(200, json=[hit]))
    assert upsert.deliver(task(email=ANN, phone="+12025550199"), memory).left_out == ("phone",)


def test_a_phone_that_is_held_already_keeps_its_record_and_takes_its_consent(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    contact = seed(pulse, phones=[{"phone": "2025550143"}])
    phone_id = contact["phones"][0]["id"]
    upsert.deliver(task(email=ANN, phone="+12025550143", channels=["sms"]), memory)
    [body] = bodies(pulse, "PUT")
    flags = {"isSmsSubscribed": True, "isPhoneSubscribed": False, "isFax": False}
    assert body["phones"] == [{"id": phone_id, "phone": "2025550143", **flags}]


def test_a_known_location_is_not_added_again(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    seed(pulse, locations=[{"company": "Clinic", "city": "Springfield", "state": "IL"}])
    upsert.deliver(task(email=ANN, company="Clinic", city="Springfield", state="IL"), memory)
    assert not pulse.writes()


# Consent


def test_without_consent_no_flag_is_sent_on_create(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    upsert.deliver(task(email=ANN, phone="+12025550143"), memory)
    assert "Subscribed" not in pulse.requests[-1].body


# Rules on what may be sent


def test_ten_bare_digits_go_out_for_a_number_of_country_code_1(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    upsert.deliver(task(email=ANN, phone="+12025550143"), memory)
    assert held(pulse)["phones"][0]["phone"] == "2025550143"


@pytest.mark.parametrize(
    ("international", "phones", "left_out"), [(False, [], ("phone",)), (True, ["353871234567"], ())]
)
def test_a_number_outside_country_code_1_is_left_out_unless_configured(
    memory: PersonRecord, international: bool, phones: list[str], left_out: tuple[str, ...]
) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=[] if request.method == "GET" else {"id": 1})

    upsert = action("pulse", "upsert", SECRET, http_answering(answer), source=7, international_phones=international)
    result = upsert.deliver(task(email=ANN, phone="+353871234567"), memory)
    assert result.left_out == left_out
    assert [phone["phone"] for phone in json.loads(sent[-1].content).get("phones", [])] == phones


@pytest.mark.parametrize(
    ("place", "sent"),
    [
        ({"address_line2": "Suite 5", "city": "X", "state": "IL", "postal_code": "62701"}, False),
        ({"address_line1": "1 Main Street", "city": "X", "postal_code": "62701"}, False),
        ({"address_line1": "1 Main Street", "city": "X", "state": "IL"}, False),
        ({"address_line1": "1 Main Street", "city": "X", "state": "IL", "postal_code": "627"}, False),
        ({"city": "X"}, False),
        ({"city": "X", "state": "IL"}, True),
        ({"state": "IL"}, True),
        ({"address_line1": "1 High Street", "city": "X", "state": "Y", "postal_code": "D1", "country": "IE"}, True),
    ],
)
def test_an_incomplete_location_is_left_out_as_a_whole_and_costs_nothing_else(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, place: dict[str, str], sent: bool
) -> None:
    result = upsert.deliver(task(email=ANN, first_name="Ann", person=place), memory)
    assert bool(held(pulse)["locations"]) is sent
    assert set(result.left_out) == (set() if sent else set(place))
    assert held(pulse)["firstName"] == "Ann"


def test_of_an_incomplete_location_the_company_stays(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    upsert.deliver(task(email=ANN, company="Clinic", city="X"), memory)
    assert [location["company"] for location in held(pulse)["locations"]] == ["Clinic"]


@pytest.mark.parametrize(
    ("npi", "kind", "option", "sent"),
    [
        ("1234567890", None, None, True),
        ("12345", None, None, False),
        ("1234567890", "Patient", None, False),
        ("1234567890", None, "Caregiver", False),
        ("1234567890", "HCP", "Patient", True),
    ],
)
def test_npi_is_ten_digits_and_stays_empty_for_patients(
    pulse: PulseTwin,
    http: VendorHttp,
    memory: PersonRecord,
    npi: str,
    kind: str | None,
    option: str | None,
    sent: bool,
) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, contact_type=option)
    contact = {"email": ANN, "npi": npi, **({"contact_type": kind} if kind else {})}
    result = upsert.deliver(task(person=contact), memory)
    assert ("npi" in pulse.requests[-1].body) is sent
    assert result.left_out == (() if sent else ("npi",))
    assert held(pulse).get("contactType") == (kind or option)


def test_booleans_go_out_as_json_booleans(pulse: PulseTwin, http: VendorHttp, memory: PersonRecord) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, is_test=True)
    upsert.deliver(task(email=ANN, channels=["email"], custom={"opted": True, "size": 5, "rate": 0.5}), memory)
    [body] = bodies(pulse, "POST")
    assert body["isTest"] is True
    assert body["emails"][0]["isSubscribed"] is True
    assert body["customFields"] == {"opted": True, "size": 5, "rate": 0.5}


# Answers


def test_a_create_that_is_answered_409_updates_what_is_there(memory: PersonRecord) -> None:
    none, hit = httpx.Response(200, json=[]), httpx.Response(200, json=[{"id": 3, "emailAddress": ANN}])
    answering(none, httpx.Response(409), hit, httpx.Response(200)).deliver(task(email=ANN, first_name="A"), memory)
    assert memory.contact_id == "3"


def test_a_409_for_somebody_the_search_does_not_show_is_looked_at_again_later(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse)
    option(pulse, same_email="conflict", search_lag=60.0)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, search_lag=30), memory)
    assert len(pulse.contacts()) == 1


@pytest.mark.parametrize("answer", ["record", "id", "none"])
def test_any_2xx_with_or_without_a_body_is_success(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, answer: str
) -> None:
    option(pulse, write_answer=answer)
    upsert.deliver(task(email=ANN), memory)
    assert len(pulse.contacts()) == 1


def test_a_2xx_with_a_code_of_failure_is_a_refusal(memory: PersonRecord) -> None:
    body = {"code": 1, "messages": ["no"]}
    with pytest.raises(Refused, match=r"create contact.*reports a failure"):
        answering(httpx.Response(200, json=[]), httpx.Response(200, json=body)).deliver(task(email=ANN), memory)
    assert memory.unconfirmed == []


@pytest.mark.parametrize("body", [{"code": 0, "id": 4}, {"code": 200, "id": 4}, {"errors": [], "id": 4}])
def test_a_2xx_whose_body_reports_no_failure_is_success(memory: PersonRecord, body: Any) -> None:
    answering(httpx.Response(200, json=[]), httpx.Response(200, json=body)).deliver(task(email=ANN), memory)
    assert memory.contact_id == "4"


def test_swapped_token_and_account_are_refused_credentials(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    good = pulse.connection()
    swapped = {**good, "account_id": good["api_token"], "api_token": good["account_id"]}
    with pytest.raises(Unauthorized):
        action("pulse", "upsert", swapped, http, source=7).deliver(task(email=ANN), memory)


# Configuration


def test_source_is_required_and_a_number() -> None:
    for options in ({}, {"source": "7"}):
        with pytest.raises(ValueError, match="source"):
            UpsertOptions.model_validate(options)
