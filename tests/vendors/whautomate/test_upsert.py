"""Whautomate `upsert`, against its twin: each trap of the vendor's page is a sentence here."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from local.twins.whautomate.twin import LOCATION_ID, STAGES, WhautomateTwin
from shared.errors import (
    Ambiguous,
    Conflict,
    Forbidden,
    Misconfigured,
    RateLimited,
    Refused,
    TryLater,
    Unauthorized,
    Unavailable,
    VendorError,
)
from shared.forms.loading import FormBroken, parse_form
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action, WriteResult
from shared.vendors.whautomate.client import WhautomateClient, WhautomateConnection
from shared.vendors.whautomate.options import UpsertOptions
from tests.support.vendor_fakes import (
    NOW,
    action,
    bodies,
    http_answering,
    person_record,
    soon,
    task,
)
from tests.vendors.recording import Recorder

PHONE = "+15165550143"
SECRET = {"base_url": "https://api.in.whautomate.com", "api_key": "wh-key"}
LOCATION = {"id": LOCATION_ID, "title": "Main street"}


class Upserts:
    """Builds the action for the twin."""

    def __init__(self, whautomate: WhautomateTwin, http: VendorHttp) -> None:
        self._twin = whautomate
        self._http = http

    def __call__(self, **options: Any) -> Action:
        settings = {"location_id": LOCATION_ID, **options}
        return action("whautomate", "upsert", self._twin.connection(), self._http, **settings)


@pytest.fixture
def upsert(whautomate: WhautomateTwin, http: VendorHttp) -> Upserts:
    return Upserts(whautomate, http)


def answering(*answers: httpx.Response, **options: Any) -> Action:
    return action("whautomate", "upsert", SECRET, Recorder(*answers).http, location_id=LOCATION_ID, **options)


def ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


def seed(whautomate: WhautomateTwin, phone: str = PHONE, name: str = "Ann Lee", **more: Any) -> dict[str, Any]:
    return whautomate.seed({"name": name, "phoneNumber": phone, "location": LOCATION, **more})


def only(whautomate: WhautomateTwin) -> dict[str, Any]:
    [contact] = whautomate.contacts()
    return contact


# Finding


def test_nobody_found_is_created_with_its_location_and_without_an_id(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert(tags=["Newsletter"], stage="Lead").deliver(task(phone=PHONE, first_name="Ann", last_name="Lee"), memory)
    assert bodies(whautomate, "POST") == [
        {
            "name": "Ann Lee",
            "phoneNumber": PHONE,
            "location": {"id": LOCATION_ID},
            "stage": "Lead",
            "tags": ["Newsletter"],
        }
    ]
    assert memory.contact_id == only(whautomate)["id"]


def test_e164_is_searched_first_with_its_plus_encoded_then_the_bare_digits(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(phone=PHONE), memory)
    searches = [entry.query["searchText"] for entry in whautomate.requests if entry.method == "GET"]
    assert searches == [[PHONE], ["15165550143"]]


def test_the_exact_match_is_found_on_a_later_page(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    seed(whautomate)
    for number in range(60):
        seed(whautomate, f"{PHONE}{number:02}")
    upsert().deliver(task(phone=PHONE, first_name="Anna", last_name="Lee"), memory)
    assert len(whautomate.contacts()) == 61


def test_a_page_that_is_shorter_than_asked_for_may_not_be_the_last(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    whautomate.options.change({"page_cap": 20})
    seed(whautomate)
    for number in range(30):
        seed(whautomate, f"{PHONE}{number:02}")
    upsert().deliver(task(phone=PHONE, first_name="Anna", last_name="Lee"), memory)
    assert len(whautomate.contacts()) == 31


def test_near_misses_beyond_the_last_page_that_is_read_are_ambiguous(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    for number in range(60):
        seed(whautomate, f"{PHONE}{number:02}")
    with pytest.raises(Ambiguous):
        upsert(search_pages=1).deliver(task(phone=PHONE), memory)
    assert not whautomate.writes()


def test_an_exact_match_among_too_many_near_misses_is_still_taken(memory: PersonRecord) -> None:
    page = [{"id": "1", "phoneNumber": PHONE, "name": "Ann Lee"}, *({"id": f"x{n}"} for n in range(49))]
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann Lee", "location": LOCATION}
    answering(ok(page), ok(held), search_pages=1).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "1"


def test_a_full_page_that_repeats_itself_is_ambiguous(memory: PersonRecord) -> None:
    page = [{"id": str(number), "phoneNumber": f"{PHONE}{number}"} for number in range(50)]
    with pytest.raises(Ambiguous):
        answering(ok(page), ok(page)).deliver(task(phone=PHONE), memory)


def test_a_short_page_that_repeats_itself_is_the_end(memory: PersonRecord) -> None:
    page = [{"id": "1", "phoneNumber": f"{PHONE}1"}]
    answering(*[ok(page)] * 4, ok({"id": "2"})).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "2"


def test_an_exact_match_without_an_id_is_ambiguous(memory: PersonRecord) -> None:
    with pytest.raises(Ambiguous, match="without an id"):
        answering(ok([{"phoneNumber": PHONE}])).deliver(task(phone=PHONE), memory)


@pytest.mark.parametrize("hit", [{"id": "7"}, {"id": "7", "phoneNumber": 5165550143}])
def test_a_hit_whose_number_cannot_be_read_makes_no_second_contact(memory: PersonRecord, hit: Any) -> None:
    with pytest.raises(Ambiguous, match="does not show its number"):
        answering(ok([hit])).deliver(task(phone=PHONE), memory)


@pytest.mark.parametrize("number", ["", None, "+15165550100"])
def test_a_hit_without_a_number_or_with_another_is_somebody_else(memory: PersonRecord, number: str | None) -> None:
    hit = {"id": "7", "phoneNumber": number}
    answering(*[ok([hit])] * 4, ok({"id": "8"})).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "8"


def test_a_search_answer_of_null_creates_nobody(memory: PersonRecord) -> None:
    with pytest.raises(Unavailable, match="not understood"):
        answering(ok(None)).deliver(task(phone=PHONE), memory)


# Memory


def test_a_remembered_contact_that_has_another_number_now_is_left_alone(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    memory.contact_id = seed(whautomate, "+15165550100", name="Bob Ray")["id"]
    upsert().deliver(task(phone=PHONE), memory)
    assert [contact["phoneNumber"] for contact in whautomate.contacts()] == ["+15165550100", PHONE]
    assert whautomate.contacts()[0]["name"] == "Bob Ray"


def test_a_contact_that_has_another_number_now_is_left_alone_while_the_search_shows_its_former_one(
    memory: PersonRecord,
) -> None:
    # Given a search that lags: it still shows Bob's contact with the number that is Ann's now
    hit, bob = ok([{"id": "1", "phoneNumber": PHONE}]), ok({"id": "1", "phoneNumber": "+15165550100", "name": "Bob"})

    # When Ann signs up, then she gets a contact of her own
    answering(hit, bob, ok([]), ok({"id": "2"})).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "2"


def test_a_contact_that_vanishes_between_search_and_read_is_looked_for_again(memory: PersonRecord) -> None:
    hit, none = ok([{"id": "1", "phoneNumber": PHONE}]), ok([])
    answering(hit, httpx.Response(404), none, ok({"id": "2"})).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "2"


# Updating


def test_a_put_carries_what_is_held_since_it_replaces_the_whole_contact(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    held: dict[str, Any] = {
        "stage": "Customer",
        "notes": "Called twice",
        "customFields": {"size": 5, "mail": "old"},
        "tags": ["VIP"],
    }
    contact = seed(whautomate, **held)
    upsert(email_custom_field="mail").deliver(
        task(phone=PHONE, first_name="Anna", last_name="Lee", email="ann@example.com", custom={"owner": True}), memory
    )
    assert bodies(whautomate, "PUT") == [
        {
            "name": "Anna Lee",
            "phoneNumber": PHONE,
            "location": {"id": LOCATION_ID},
            "stage": "Customer",
            "notes": "Called twice",
            "customFields": {"size": 5, "mail": "ann@example.com", "owner": "true"},
            "tags": ["VIP"],
        }
    ]
    assert only(whautomate) == {
        **contact,
        "name": "Anna Lee",
        "customFields": {"size": 5, "mail": "ann@example.com", "owner": "true"},
    }


def test_a_put_is_merged_from_a_fresh_reading_not_from_the_search(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    seed(whautomate)
    upsert().deliver(task(phone=PHONE, first_name="Anna", last_name="Lee"), memory)
    assert [entry.method for entry in whautomate.requests] == ["GET", "GET", "PUT"]
    assert whautomate.requests[1].path.endswith(only(whautomate)["id"])


def test_a_reading_that_is_not_understood_is_never_merged(memory: PersonRecord) -> None:
    with pytest.raises(Unavailable, match="status 200, answer not understood"):
        answering(ok([{"id": "1", "phoneNumber": PHONE}]), ok({"message": "?"})).deliver(task(phone=PHONE), memory)


def test_the_location_of_a_known_contact_is_kept(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    whautomate.locations["other"] = "Side street"
    seed(whautomate, location={"id": "other", "title": "Side street"})
    upsert().deliver(task(phone=PHONE, first_name="Anna", last_name="Lee"), memory)
    assert only(whautomate)["location"] == {"id": "other", "title": "Side street"}


@pytest.mark.parametrize("stage", STAGES)
def test_the_stage_of_a_known_contact_is_never_lowered(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, stage: str
) -> None:
    seed(whautomate, stage=stage)
    upsert(stage="Subscriber").deliver(task(phone=PHONE, first_name="Anna", last_name="Lee"), memory)
    assert only(whautomate)["stage"] == stage


def test_members_that_nobody_documents_for_a_write_are_not_sent_back(memory: PersonRecord) -> None:
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann", "createdAt": "2025", "lastActivity": "x", "channel": "wa"}
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return ok([held] if request.url.path == "/v1/contacts" else held)

    upsert = action("whautomate", "upsert", SECRET, http_answering(answer), location_id=LOCATION_ID)
    upsert.deliver(task(phone=PHONE, first_name="Anna"), memory)
    assert json.loads(sent[-1].content).keys() == {"name", "phoneNumber", "location", "channel"}


@pytest.mark.parametrize(
    ("held", "given", "written"),
    [
        ("Ann Lee", {}, "Ann Lee"),
        ("Ann Lee", {"company": "Clinic"}, "Ann Lee"),
        ("Ann Lee", {"first_name": "Anna"}, "Ann Lee"),
        ("Ann Lee", {"first_name": "Anna", "last_name": "Lee"}, "Anna Lee"),
        ("Ann", {"first_name": "Anna"}, "Anna"),
        (PHONE, {"first_name": "Ann"}, "Ann"),
        ("15165550143", {"company": "Clinic"}, "Clinic"),
        (PHONE, {}, PHONE),
    ],
)
def test_a_held_name_gives_way_only_to_a_better_one(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, held: str, given: dict[str, str], written: str
) -> None:
    seed(whautomate, name=held)
    upsert().deliver(task(phone=PHONE, person=given), memory)
    assert only(whautomate)["name"] == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"first_name": "Ann", "last_name": "Lee", "company": "Clinic"}, "Ann Lee"),
        ({"last_name": "Lee"}, "Lee"),
        ({"company": "Clinic"}, "Clinic"),
        ({}, PHONE),
    ],
)
def test_the_required_name_is_never_blank(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, given: dict[str, str], written: str
) -> None:
    upsert().deliver(task(phone=PHONE, person=given), memory)
    assert only(whautomate)["name"] == written


def test_a_name_that_is_too_long_is_cut_and_counted(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    result = upsert().deliver(task(phone=PHONE, first_name="A" * 99, last_name="Lee"), memory)
    assert only(whautomate)["name"] == "A" * 99
    assert result == WriteResult(shortened=("name",))


# What a contact has no member for


def test_an_email_goes_to_the_configured_custom_field_only(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert(email_custom_field="mail").deliver(task(phone=PHONE, email="ann@example.com"), memory)
    upsert().deliver(task(phone="+15165550199", email="bob@example.com"), person_record("whautomate"))
    assert [contact["customFields"] for contact in whautomate.contacts()] == [{"mail": "ann@example.com"}, {}]
    assert all("email" not in body for body in bodies(whautomate, "POST"))


def test_custom_fields_go_out_as_texts(whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord) -> None:
    upsert().deliver(task(phone=PHONE, custom={"size": 5, "rate": 0.5, "owner": False, "topic": "news"}), memory)
    assert only(whautomate)["customFields"] == {"size": "5", "rate": "0.5", "owner": "false", "topic": "news"}


# Tags


def test_tags_of_a_known_contact_are_added_without_touching_the_rest(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    seed(whautomate, tags=["VIP"])
    upsert(tags=["Newsletter"]).deliver(task(phone=PHONE), memory)
    assert [(entry.method, entry.path.rpartition("/")[2]) for entry in whautomate.writes()] == [("POST", "add")]
    assert bodies(whautomate, "POST") == [{"tags": ["Newsletter"]}]
    assert only(whautomate)["tags"] == ["VIP", "Newsletter"]


def test_a_tag_that_is_there_already_is_not_sent_again_since_it_starts_automations(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    seed(whautomate, tags=["Newsletter"])
    upsert(tags=["Newsletter", "Spring"]).deliver(task(phone=PHONE), memory)
    assert [event.params["tag"] for event in whautomate.events_of("contact_tag_added")] == ["Spring"]


def test_tags_of_a_new_contact_go_with_its_create(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert(tags=["Newsletter"]).deliver(task(phone=PHONE), memory)
    assert len(whautomate.writes()) == 1
    assert len(whautomate.events_of("contact_tag_added")) == 1


@pytest.mark.parametrize("tag_calls", ["missing", "refused"])
def test_where_tags_cannot_be_added_the_whole_contact_is_written_with_them(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, tag_calls: str
) -> None:
    whautomate.options.change({"tag_calls": tag_calls})
    seed(whautomate, tags=["VIP"], notes="Called twice", stage="Customer")
    upsert(tags=["VIP", "Newsletter"]).deliver(task(phone=PHONE), memory)
    contact = only(whautomate)
    assert contact["tags"] == ["VIP", "Newsletter"]
    assert (contact["notes"], contact["stage"]) == ("Called twice", "Customer")
    assert [event.params["tag"] for event in whautomate.events_of("contact_tag_added")] == ["Newsletter"]


@pytest.mark.parametrize("shown", [{"id": "1"}, {"id": "1", "tags": ["VIP"]}, {"tags": "Newsletter"}, None])
def test_tags_that_the_answer_does_not_show_are_written_with_the_whole_contact(
    memory: PersonRecord, shown: Any
) -> None:
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann", "tags": ["VIP"]}
    upsert = answering(ok([held]), ok(held), ok(shown), ok({}), tags=["Newsletter"])
    assert upsert.deliver(task(phone=PHONE), memory) == WriteResult()


@pytest.mark.parametrize("status", [400, 404, 405, 409, 415, 422, 500, 503])
def test_however_the_tags_call_fails_the_whole_contact_is_written_with_them(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, status: int
) -> None:
    seed(whautomate, name="Ann Lee", notes="Called twice", tags=["VIP"])
    whautomate.fail("status", status=status, path="tags/add")
    upsert(tags=["Newsletter"]).deliver(task(phone=PHONE), memory)
    assert (only(whautomate)["tags"], only(whautomate)["notes"]) == (["VIP", "Newsletter"], "Called twice")


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_tags_whose_answer_was_lost_are_looked_for_before_they_are_sent_again(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, fault: str
) -> None:
    seed(whautomate)
    whautomate.fail(fault, path="tags/add")
    for _ in range(2):
        upsert(tags=["Newsletter"]).deliver(task(phone=PHONE), memory)
    assert only(whautomate)["tags"] == ["Newsletter"]
    assert len(whautomate.events_of("contact_tag_added")) == 1


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (403, Forbidden), (429, Unavailable)])
def test_the_fields_count_as_written_however_the_tags_end(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, status: int, error: type[VendorError]
) -> None:
    seed(whautomate, name="Ann")
    whautomate.fail("status", status=status, path="tags/add")
    with pytest.raises(error):
        upsert(tags=["Newsletter"]).deliver(task(phone=PHONE, first_name="Ann", last_name="Lee"), memory)
    assert (memory.confirmed, only(whautomate)["name"]) == (True, "Ann Lee")


def test_tags_that_the_vendor_may_still_add_are_not_taken_back_by_a_newer_sign_up(memory: PersonRecord) -> None:
    # Given tags whose answer was lost, after which the contact cannot be read either
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann", "tags": ["VIP"]}
    upsert = answering(ok([held]), ok(held), httpx.Response(500), httpx.Response(429), tags=["Newsletter"])
    with pytest.raises(RateLimited):
        upsert.deliver(task(phone=PHONE), memory)

    # When a newer sign-up of the person comes, then it waits until the vendor cannot be adding them any more
    memory.stamp = "2#newer"
    assert memory.busy_until(search_lag=60.0) == memory.ends_at + 60.0


@pytest.mark.parametrize(
    "odd",
    [
        {"location": "main"},
        {"location": ["main"]},
        {"customFields": [{"name": "topic", "value": "x"}]},
        {"customFields": "topic=x"},
        {"tags": "VIP"},
        {"tags": {"VIP": True}},
        {"tags": [{"name": "VIP"}]},
        {"name": 7},
        {"name": {"first": "Ann"}},
    ],
)
def test_members_of_another_type_never_stop_a_delivery(memory: PersonRecord, odd: dict[str, Any]) -> None:
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann", **odd}
    upsert = answering(ok([held]), ok(held), ok({}), ok({"tags": ["Newsletter"]}), tags=["Newsletter"])
    upsert.deliver(task(phone=PHONE, first_name="Anna", custom={"topic": "news"}), memory)
    assert memory.contact_id == "1"


# Answers


@pytest.mark.parametrize("same_phone", ["conflict", "exists"])
def test_a_create_that_is_answered_as_a_duplicate_is_looked_for_again(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord, same_phone: str
) -> None:
    seed(whautomate)
    whautomate.options.change({"same_phone": same_phone, "search_lag": 60.0})
    with pytest.raises(TryLater):
        upsert().deliver(task(phone=PHONE, search_lag=30), memory)
    whautomate.options.change({"search_lag": 0.0})
    upsert().deliver(task(phone=PHONE, first_name="Anna", last_name="Lee", now=NOW + 31, search_lag=30), memory)
    assert only(whautomate)["name"] == "Anna Lee"


def test_a_duplicate_that_the_second_look_finds_is_updated(memory: PersonRecord) -> None:
    held = {"id": "1", "phoneNumber": PHONE, "name": "Ann Lee"}
    answers = [ok([]), ok([]), httpx.Response(400, json={"message": "Phone already in use"}), ok([held]), ok(held)]
    answering(*answers).deliver(task(phone=PHONE), memory)
    assert memory.contact_id == "1"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Contact exists", Conflict),
        ("Duplicate phoneNumber", Conflict),
        ("phone is already registered", Conflict),
        ("Location does not exist", Refused),
        ("phoneNumber is invalid", Refused),
    ],
)
def test_the_text_of_a_400_tells_a_duplicate_from_a_refusal(text: str, error: type[VendorError]) -> None:
    http = http_answering(lambda _: httpx.Response(400, json={"error": {"message": text}}))
    client = WhautomateClient(http, WhautomateConnection.of_secret("whautomate", SECRET), soon())
    with pytest.raises(error) as caught:
        client.add_contact({"phoneNumber": PHONE})
    assert type(caught.value) is error
    assert text not in f"{caught.value!s}{caught.value!r}"


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (403, Forbidden)])
def test_a_401_and_a_403_name_the_host_but_never_the_key(
    memory: PersonRecord, status: int, error: type[VendorError]
) -> None:
    with pytest.raises(error) as caught:
        answering(httpx.Response(status, json={"message": "Forbidden"})).deliver(task(phone=PHONE), memory)
    assert "api.in.whautomate.com" in str(caught.value)
    assert "wh-key" not in str(caught.value)


def test_a_wrong_host_that_answers_404_is_a_configuration_error_that_names_it(memory: PersonRecord) -> None:
    with pytest.raises(Misconfigured, match=r"api\.in\.whautomate\.com"):
        answering(httpx.Response(404)).deliver(task(phone=PHONE), memory)


def test_an_unknown_location_is_a_configuration_error(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    with pytest.raises(Misconfigured, match="location_id, the path, or the region"):
        upsert(location_id="elsewhere").deliver(task(phone=PHONE), memory)


# Configuration


def test_a_form_without_a_phone_is_refused_when_it_loads() -> None:
    form = """
        title = "T"
        [fields.email]
        type = "email"
        [[destinations]]
        name = "wh"
        vendor = "whautomate"
        action = "upsert"
        options = { location_id = "l" }
    """
    with pytest.raises(FormBroken, match="whautomate upsert needs phone, which no field supplies"):
        parse_form("signup", form)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"location_id": " "},
        {"location_id": "l", "stage": "subscriber"},
        {"location_id": "l", "stage": "MQL"},
        {"location_id": "l", "tags": ["x" * 51]},
        {"location_id": "l", "tags": [""]},
        {"location_id": "l", "tags": ["x" * 9], "tag_max_length": 8},
        {"location_id": "l", "tag_max_length": 0, "tags": ["x"]},
    ],
)
def test_wrong_options_are_refused_when_the_form_loads(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="UpsertOptions"):
        UpsertOptions.model_validate(options)


@pytest.mark.parametrize("stage", STAGES)
def test_every_known_stage_is_accepted_in_its_exact_spelling(stage: str) -> None:
    assert UpsertOptions.model_validate({"location_id": "l", "stage": stage}).stage == stage


def test_a_late_sign_up_runs_no_automation_of_every_sign_up_again(
    whautomate: WhautomateTwin, upsert: Upserts, memory: PersonRecord
) -> None:
    seed(whautomate)  # somebody took its tags away
    tags = ["all", {"name": "news", "when": {"news": True}}]
    upsert(tags=tags).deliver(replace(task(phone=PHONE), is_late=True), memory)
    [contact] = whautomate.contacts()
    assert contact["tags"] == ["news"]
