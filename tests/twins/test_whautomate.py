from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.twins.whautomate.twin import LOCATION_ID, STAGES, WhautomateTwin

ANN: dict[str, Any] = {"name": "Ann", "phoneNumber": "+15165551212", "location": {"id": LOCATION_ID}}


@pytest.fixture
def twin() -> Iterator[WhautomateTwin]:
    with WhautomateTwin() as whautomate:
        yield whautomate


@pytest.fixture
def whautomate(twin: WhautomateTwin) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{twin.url}/v1", headers={"x-api-key": twin.api_key}, timeout=60) as client:
        yield client


def create(whautomate: httpx.Client, **more: Any) -> Any:
    return whautomate.post("/contacts", json={**ANN, **more})


def found(whautomate: httpx.Client, text: str, **more: Any) -> list[str]:
    return [each["phoneNumber"] for each in whautomate.get("/contacts", params={"searchText": text, **more}).json()]


def tags_of(events: Any) -> list[str]:
    return [event.params["tag"] for event in events]


def test_a_wrong_key_is_403_forbidden_in_json(twin: WhautomateTwin) -> None:
    answer = httpx.get(f"{twin.url}/v1/contacts", headers={"x-api-key": "wrong"})
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_account_and_locations_can_be_read(whautomate: httpx.Client) -> None:
    assert whautomate.get("/account-info").status_code == 200
    assert whautomate.get("/locations").json() == [{"id": LOCATION_ID, "title": "Main street"}]
    assert whautomate.get(f"/locations/{LOCATION_ID}").json()["title"] == "Main street"


def test_creating_the_same_phone_twice_makes_two_contacts(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    assert [create(whautomate).status_code for _ in range(2)] == [200, 200]
    assert len(twin.contacts()) == 2
    assert len(twin.events_of("contact_created")) == 2


@pytest.mark.parametrize(("option", "status"), [("conflict", 409), ("exists", 400)])
def test_the_same_phone_may_be_refused(
    option: Any, status: int, twin: WhautomateTwin, whautomate: httpx.Client
) -> None:
    twin.options.same_phone = option
    assert [create(whautomate).status_code, create(whautomate, phoneNumber="15165551212").status_code] == [200, status]


@pytest.mark.parametrize("missing", ["name", "phoneNumber", "location"])
def test_name_phone_and_location_are_required(missing: str, whautomate: httpx.Client) -> None:
    assert create(whautomate, **{missing: None}).status_code == 400


@pytest.mark.parametrize("wrong", [{"stage": "subscriber"}, {"tags": "a"}, {"customFields": []}, {"phoneNumber": "+"}])
def test_a_stage_that_is_not_listed_and_wrong_types_are_400(wrong: Any, whautomate: httpx.Client) -> None:
    assert create(whautomate, **wrong).status_code == 400


def test_every_listed_stage_is_taken(whautomate: httpx.Client) -> None:
    assert {create(whautomate, stage=stage).json()["stage"] for stage in STAGES} == set(STAGES)


def test_an_unknown_location_is_404(whautomate: httpx.Client) -> None:
    assert create(whautomate, location={"id": "elsewhere"}).status_code == 404


def test_an_id_and_an_email_sent_with_a_create_are_ignored(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    assert create(whautomate, id="mine", email="ann@example.com").json()["id"] != "mine"
    assert "email" not in twin.contacts()[0]


def test_search_finds_parts_of_numbers_and_names_near_misses_first(
    twin: WhautomateTwin, whautomate: httpx.Client
) -> None:
    for phone in ("+15165551212", "+151655512129", "+4415165551212"):
        twin.seed({**ANN, "phoneNumber": phone})
    assert found(whautomate, "5551212") == ["+4415165551212", "+151655512129", "+15165551212"]
    assert found(whautomate, "+15165551212") == ["+151655512129", "+15165551212"]
    assert len(found(whautomate, "ann")) == 3


def test_a_plus_that_is_not_encoded_is_a_space(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    twin.seed(ANN)
    assert len(whautomate.get("/contacts?searchText=%2B15165551212").json()) == 1
    assert len(whautomate.get("/contacts?searchText=1+5165551212").json()) == 0


def test_numbers_may_be_stored_without_plus_and_then_a_plus_finds_nothing(
    twin: WhautomateTwin, whautomate: httpx.Client
) -> None:
    twin.options.phone_stored = "bare"
    assert create(whautomate).json()["phoneNumber"] == "15165551212"
    assert found(whautomate, "+15165551212") == []
    assert found(whautomate, "15165551212") == ["15165551212"]


def test_pages_are_bare_arrays_with_a_cap_and_the_newest_first(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    twin.options.page_cap = 2
    for number in range(5):
        twin.seed({**ANN, "phoneNumber": f"+1516555121{number}"})
    pages = [found(whautomate, "516555", limit=50, page=page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert pages[0][0] == "+15165551214"
    twin.options.paging = "ignored"
    assert found(whautomate, "516555", page=2) == pages[0]


def test_search_narrows_by_tag_and_location(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    twin.seed({**ANN, "tags": ["a"], "location": {"id": LOCATION_ID}})
    twin.seed(ANN)
    assert len(found(whautomate, "", tags="a,b")) == 1
    assert found(whautomate, "", locationId="elsewhere") == []


def test_search_lags_but_reading_by_id_does_not(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    twin.options.search_lag = 60
    number = create(whautomate).json()["id"]
    assert found(whautomate, "15165551212") == []
    assert whautomate.get(f"/contacts/{number}").json()["name"] == "Ann"


def test_put_replaces_the_whole_contact_and_lowers_its_stage(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    rich = {"stage": "Customer", "notes": "VIP", "tags": ["a"], "customFields": {"email": "a@example.com"}}
    path = f"/contacts/{twin.seed({**ANN, **rich})['id']}"
    assert whautomate.put(path, json={"name": "Anna"}).status_code == 400
    whautomate.put(path, json={"name": "Anna", "phoneNumber": "+15165551212"})
    (after,) = twin.contacts()
    assert (after["stage"], after["notes"], after["tags"], after["customFields"]) == ("Subscriber", "", [], {})
    assert after["location"] is None


def test_put_announces_only_tags_that_are_new(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    path = f"/contacts/{twin.seed({**ANN, 'tags': ['a']})['id']}"
    whautomate.put(path, json={**ANN, "tags": ["a", "b"]})
    assert tags_of(twin.events_of("contact_tag_added")) == ["b"]


def test_a_tag_added_again_starts_its_automation_again(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    number = create(whautomate, tags=["a"]).json()["id"]
    answer = whautomate.post(f"/contacts/{number}/tags/add", json={"tags": ["a", "b"]})
    assert answer.json() == {"id": number, "tags": ["a", "b"]}
    assert tags_of(twin.events_of("contact_tag_added")) == ["a", "a", "b"]


def test_tags_are_removed(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    number = create(whautomate, tags=["a", "b"]).json()["id"]
    assert whautomate.post(f"/contacts/{number}/tags/remove", json={"tags": ["a"]}).json()["tags"] == ["b"]
    assert tags_of(twin.events_of("contact_tag_removed")) == ["a"]


@pytest.mark.parametrize(("option", "status"), [("missing", 404), ("refused", 400)])
def test_tag_calls_may_not_work(option: Any, status: int, twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    twin.options.tag_calls = option
    number = create(whautomate).json()["id"]
    assert whautomate.post(f"/contacts/{number}/tags/add", json={"tags": ["a"]}).status_code == status


def test_a_new_tag_is_made_silently_or_refused(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    create(whautomate, tags=["Typo"])
    assert {"name": "Typo"} in whautomate.get("/contactTags").json()
    twin.options.new_tags = "refused"
    assert create(whautomate, tags=["Other"]).status_code == 400
    whautomate.post("/contactTags", json={"name": "Other"})
    assert create(whautomate, tags=["Other"]).status_code == 200


def test_delete_is_for_good_and_unknown_ids_are_404(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    path = f"/contacts/{twin.seed(ANN)['id']}"
    assert whautomate.delete(path).json() == {"success": True}
    answers = [whautomate.get(path), whautomate.delete(path), whautomate.put(path, json=ANN)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_clients_are_not_contacts(twin: WhautomateTwin, whautomate: httpx.Client) -> None:
    assert whautomate.post("/clients", json={"fullName": "Ann"}).status_code == 400
    client = {"fullName": "Ann", "primaryLocation": {"id": LOCATION_ID}, "email": "ann@example.com"}
    assert whautomate.post("/clients", json=client).json()["id"]
    assert twin.contacts() == []


def test_a_webhook_gets_an_id_by_which_it_is_removed(whautomate: httpx.Client) -> None:
    webhook = whautomate.post("/webhooks", json={"name": "x", "serverUrl": "https://www.example.com"}).json()
    assert whautomate.get("/webhooks").json() == [webhook]
    assert [whautomate.delete(f"/webhooks/{webhook['id']}").status_code for _ in range(2)] == [200, 404]
