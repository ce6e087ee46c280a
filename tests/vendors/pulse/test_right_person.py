"""Pulse: nobody else is written to, and nobody is made twice, whatever the search answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import Ambiguous, Misconfigured, TryLater, Unavailable
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import NOW, action, bodies, http_answering, task
from tests.vendors.recording import Recorder

ANN = "ann@example.com"
SHARED = "office@example.com"
SECRET = {"base_url": "https://api.pulse.example", "account_id": "account", "api_token": "token"}
DAY = 86_400.0


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


def seed(pulse: PulseTwin, email: str = ANN, **more: Any) -> dict[str, Any]:
    return pulse.seed({"source": 1, "emails": [{"emailAddress": email}], **more})


def answering(*answers: Any, **options: Any) -> Action:
    return action("pulse", "upsert", SECRET, Recorder(*answers).http, source=7, **options)


# Several matches.


def test_in_a_shared_mailbox_the_name_tells_whose_record_it_is(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, SHARED, firstName="Sam", lastName="Smith")
    jones = seed(pulse, SHARED, firstName="Jo", lastName="Jones")
    memory.contact_id = str(jones["id"])
    upsert.deliver(task(email=SHARED, first_name="sam", last_name="SMITH", specialty="Oncology"), memory)
    assert [contact.get("specialty") for contact in pulse.contacts()] == ["Oncology", None]


def test_in_a_shared_mailbox_the_npi_comes_before_the_name(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, SHARED, lastName="Smith", npi="1234567890")
    seed(pulse, SHARED, lastName="Jones", npi="1098765432")
    upsert.deliver(task(email=SHARED, last_name="Smith", npi="1098765432", specialty="Oncology"), memory)
    assert [contact.get("specialty") for contact in pulse.contacts()] == [None, "Oncology"]


# A contact that only memory knows.


def test_a_contact_created_a_minute_ago_is_not_made_twice_though_the_search_lags_by_days(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    pulse.options.change({"search_lag": 3 * DAY})
    upsert.deliver(task(email=ANN, first_name="Ann", last_name="Lee", search_lag=30), memory)
    upsert.deliver(
        task(email=ANN, first_name="Ann", last_name="Lee", specialty="Oncology", search_lag=30, now=NOW + 60), memory
    )
    [contact] = pulse.contacts()
    assert contact["specialty"] == "Oncology"


def test_an_address_that_was_corrected_long_ago_leads_to_nobodys_record(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    """Given Jane's mistyped address, corrected at Pulse, When its real owner signs up, Then Jane's record stays."""
    upsert.deliver(task(email="j.smith@example.com", first_name="Jane", last_name="Smith"), memory)
    pulse.correct_address("j.smith@example.com", "jane.smith@example.com")
    upsert.deliver(
        task(
            email="j.smith@example.com", first_name="John", last_name="Smith", channels=["email"], now=NOW + 100 * DAY
        ),
        memory,
    )
    assert [contact["firstName"] for contact in pulse.contacts()] == ["Jane", "John"]
    assert [contact["emails"][0]["isSubscribed"] for contact in pulse.contacts()] == [False, True]


def test_an_address_that_was_corrected_just_now_waits_instead_of_writing_to_another_person(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    upsert.deliver(task(email="j.smith@example.com", first_name="Jane", last_name="Smith"), memory)
    pulse.correct_address("j.smith@example.com", "jane.smith@example.com")
    with pytest.raises(TryLater):
        upsert.deliver(task(email="j.smith@example.com", first_name="John", last_name="Smith", now=NOW + 90), memory)
    assert [contact["firstName"] for contact in pulse.contacts()] == ["Jane"]


def test_a_contact_that_the_search_has_shown_once_is_not_recalled_when_it_is_gone(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    for _ in range(2):
        upsert.deliver(task(email=ANN, specialty="Oncology"), memory)
    pulse.correct_address(ANN, "anna@example.com")
    upsert.deliver(task(email=ANN, specialty="Cardiology"), memory)
    assert [contact["specialty"] for contact in pulse.contacts()] == ["Oncology", "Cardiology"]


def test_the_email_of_a_contact_that_was_not_seen_is_never_sent(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, is_test=True)
    upsert.deliver(task(email=ANN), memory)
    result = upsert.deliver(task(email=ANN, first_name="Ann", channels=["email"]), memory)
    assert result.left_out == ("consent.email",)
    assert bodies(pulse, "PUT") == [{"firstName": "Ann"}]


# Answers that are not understood.


@pytest.mark.parametrize(
    "emails", [[{"email": ANN}], [ANN], ANN, [{}], [{"emailAddress": "x@example.com"}, {"email": ANN}]]
)
def test_a_hit_whose_addresses_cannot_be_read_is_not_taken_for_somebody_else(emails: Any, memory: PersonRecord) -> None:
    with pytest.raises(Ambiguous, match="does not show"):
        answering([{"id": 5, "emails": emails}]).deliver(task(email=ANN), memory)


@pytest.mark.parametrize("hit", [{"id": 5, "firstName": "Ann"}, {"id": 5, "emailAddress": None}])
def test_a_hit_that_shows_no_address_is_not_taken_for_somebody_else(hit: Any, memory: PersonRecord) -> None:
    with pytest.raises(Ambiguous, match="does not show"):
        answering([hit]).deliver(task(email=ANN), memory)


@pytest.mark.parametrize("emails", [[], None])
def test_a_hit_without_any_address_is_somebody_else(emails: Any, memory: PersonRecord) -> None:
    answering([{"id": 5, "emails": emails}], {"id": 6}).deliver(task(email=ANN), memory)
    assert memory.contact_id == "6"


@pytest.mark.parametrize(
    "body", [{"data": None}, {"items": None}, {"items": {}}, {"items": []}, {"data": {"items": None}}, []]
)
def test_an_empty_wrapper_is_nobody(body: Any, memory: PersonRecord) -> None:
    answering(httpx.Response(200, json=body), {"id": 6}).deliver(task(email=ANN), memory)
    assert memory.contact_id == "6"


def test_null_is_nobody(memory: PersonRecord) -> None:
    answering(httpx.Response(200, text="null"), {"id": 6}).deliver(task(email=ANN), memory)
    assert memory.contact_id == "6"


@pytest.mark.parametrize("body", [{}, {"found": []}, [ANN], {"items": [ANN]}, 7, False, {"items": "none"}])
def test_an_answer_of_an_unknown_shape_is_a_configuration_error_not_nobody(body: Any, memory: PersonRecord) -> None:
    with pytest.raises(Misconfigured, match="not understood"):
        answering(httpx.Response(200, json=body)).deliver(task(email=ANN), memory)


# Pages.


def near_misses(first: int, last: int) -> list[dict[str, Any]]:
    return [{"id": n, "emails": [{"id": n, "emailAddress": f"ann@{n}.example.com"}]} for n in range(first, last + 1)]


@pytest.mark.parametrize(
    "totals", [{"total": 57}, {"count": 57}, {"meta": {"total": 57}}, {"pagination": {"totalCount": 57}}]
)
def test_a_contact_beyond_the_first_page_is_found_where_the_answer_tells_a_total(
    totals: dict[str, Any], memory: PersonRecord
) -> None:
    ann = {"id": 99, "firstName": "Ann", "emails": [{"id": 1, "emailAddress": ANN}]}
    pages = {None: near_misses(1, 2), "2": [*near_misses(3, 3), ann], "3": near_misses(4, 57)}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET", "created a second Ann"
        return httpx.Response(200, json={**totals, "items": pages.get(request.url.params.get("page"), [])})

    upsert = action("pulse", "upsert", SECRET, http_answering(answer), source=7)
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert memory.contact_id == "99"


def test_hits_that_a_total_promises_and_no_page_shows_are_ambiguous(memory: PersonRecord) -> None:
    page = {"total": 57, "items": near_misses(1, 2)}
    with pytest.raises(Ambiguous):
        answering(page, page).deliver(task(email=ANN), memory)


def test_a_total_that_is_reached_makes_ten_near_misses_nobody(memory: PersonRecord) -> None:
    answering({"total": 10, "items": near_misses(1, 10)}, {"id": 11}).deliver(task(email=ANN), memory)
    assert memory.contact_id == "11"


@pytest.mark.parametrize("size", [5, 25])
def test_a_contact_on_a_later_page_is_found_where_no_total_is_told(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, size: int
) -> None:
    pulse.options.change({"paging": "page", "page_size": size})
    for number in range(size):
        seed(pulse, f"ann@{number}.example.com")
    seed(pulse)
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert len(pulse.contacts()) == size + 1


def test_a_full_page_that_is_all_there_is_to_see_is_ambiguous(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    for number in range(4):
        seed(pulse, f"ann@{number}.example.com")
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, search_page_size=4)
    with pytest.raises(Ambiguous):
        upsert.deliver(task(email=ANN), memory)
    assert not pulse.writes()


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "error": "index not ready", "data": None},
        {"code": 500, "message": "try later", "items": []},
        {"errors": ["shard failed"], "items": []},
        {"status": "error", "data": []},
    ],
)
def test_a_search_that_fails_inside_a_success_is_not_taken_for_nobody(memory: PersonRecord, body: Any) -> None:
    with pytest.raises(Unavailable):
        answering(body).deliver(task(email=ANN), memory)


def test_a_contact_that_the_search_lists_once_for_each_address_is_one(memory: PersonRecord) -> None:
    hit = {"id": 4, "emails": [{"id": 1, "emailAddress": ANN}], "phones": [], "locations": []}
    upsert = answering({"items": [hit, {**hit, "id": "4"}]}, {"id": 4})
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    assert memory.contact_id == "4"


def test_a_phone_joins_a_contact_whose_phones_are_shown_as_null(memory: PersonRecord) -> None:
    recorder = Recorder({"items": [{"id": 4, "emails": [{"id": 1, "emailAddress": ANN}], "phones": None}]}, {"id": 4})
    upsert = action("pulse", "upsert", SECRET, recorder.http, source=7)
    assert upsert.deliver(task(email=ANN, phone="+12025550143", channels=["sms"]), memory).left_out == ()
    assert recorder.requests[-1]["body"]["phones"] == [{"phone": "2025550143", "isSmsSubscribed": True}]
