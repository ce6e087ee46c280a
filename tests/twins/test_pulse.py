from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.twins.pulse.twin import FORM_UUID, PulseOptions, PulseTwin

ANN: dict[str, Any] = {
    "source": 7,
    "firstName": "Ann",
    "emails": [{"emailAddress": "ann@example.com", "isSubscribed": True}],
}


@pytest.fixture
def twin() -> Iterator[PulseTwin]:
    with PulseTwin() as pulse:
        yield pulse


@pytest.fixture
def pulse(twin: PulseTwin) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"API-TOKEN {twin.api_token}", "X-Account": twin.account_id}
    with httpx.Client(base_url=twin.url, headers=headers, timeout=60) as client:
        yield client


def search(pulse: httpx.Client, text: str, **more: Any) -> Any:
    return pulse.get("/contacts/search", params={"groups[]": "contact_display_email", "simpleSearch": text, **more})


def found(pulse: httpx.Client, text: str) -> list[Any]:
    return list(search(pulse, text).json()["items"])


def test_token_and_account_are_both_checked_and_swapping_them_is_refused(twin: PulseTwin) -> None:
    swapped = {"Authorization": f"API-TOKEN {twin.account_id}", "X-Account": twin.api_token}
    bearer = {"Authorization": f"Bearer {twin.api_token}", "X-Account": twin.account_id}
    assert [httpx.get(f"{twin.url}/forms", headers=each).status_code for each in (swapped, bearer)] == [
        401,
        401,
    ]


def test_the_bare_root_and_wrong_paths_lead_to_html_that_answers_200(pulse: httpx.Client) -> None:
    for path in ("/", "/v1/contacts"):
        assert pulse.get(path).status_code == 302
        assert pulse.get(path, follow_redirects=True).headers["Content-Type"].startswith("text/html")


def test_forms_are_listed_as_items_with_uuid_and_name(pulse: httpx.Client) -> None:
    assert pulse.get("/forms").json()["items"][0]["uuid"] == FORM_UUID


def test_search_is_fuzzy_and_puts_near_misses_first(twin: PulseTwin, pulse: httpx.Client) -> None:
    for address in (
        "ann@example.com",
        "joann@example.com",
        "ann@example.com.au",
        "ann@example.org",
        "bob@example.com",
    ):
        twin.seed({**ANN, "emails": [{"emailAddress": address}]})
    addresses = [each["emails"][0]["emailAddress"] for each in found(pulse, "ann@example.com")]
    assert addresses == ["joann@example.com", "ann@example.com.au", "ann@example.org", "ann@example.com"]


@pytest.mark.parametrize("wrapper", ["items", "data", "contacts"])
def test_search_answers_come_in_several_wrappers(wrapper: Any, twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.wrapper = wrapper
    twin.seed(ANN)
    assert len(search(pulse, "ann@example.com").json()[wrapper]) == 1


def test_search_may_answer_a_bare_array(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.wrapper = "bare"
    assert search(pulse, "ann@example.com").json() == []


def test_nobody_found_may_be_404(twin: PulseTwin, pulse: httpx.Client) -> None:
    assert search(pulse, "nobody@example.com").status_code == 200
    twin.options.not_found = "missing"
    assert search(pulse, "nobody@example.com").status_code == 404


def test_a_full_first_page_of_near_misses_hides_the_exact_match(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.page_size = 3
    for number in range(3):
        twin.seed({**ANN, "emails": [{"emailAddress": f"{number}ann@example.com"}]})
    twin.seed(ANN)
    assert len(found(pulse, "ann@example.com")) == 3
    assert search(pulse, "ann@example.com", page=2).json() == search(pulse, "ann@example.com").json()
    twin.options.paging = "page"
    assert len(search(pulse, "ann@example.com", page=2).json()["items"]) == 1


def test_fields_and_sort_narrow_and_order_a_search(twin: PulseTwin, pulse: httpx.Client) -> None:
    for name in ("Ann", "Zoe"):
        twin.seed({**ANN, "firstName": name})
    answer = search(pulse, "ann@", **{"fields[]": ["firstName"], "sort[]": ["firstName:DESC"]})
    assert answer.json()["items"] == [{"firstName": "Zoe"}, {"firstName": "Ann"}]


def test_a_search_may_hide_the_ids_of_emails(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.seed(ANN)
    assert found(pulse, "ann@example.com")[0]["emails"][0]["id"] == 1001
    twin.options.sub_ids = False
    assert found(pulse, "ann@example.com")[0]["emails"] == [{"emailAddress": "ann@example.com", "isSubscribed": True}]


def test_a_secondary_address_is_not_indexed(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.seed({**ANN, "emails": [*ANN["emails"], {"emailAddress": "second@example.com"}]})
    assert found(pulse, "second@example.com") == []
    twin.options.indexes = "all"
    assert len(found(pulse, "second@example.com")) == 1


def test_test_contacts_are_hidden_from_search_so_each_sign_up_makes_another(
    twin: PulseTwin, pulse: httpx.Client
) -> None:
    pulse.post("/contacts", json={**ANN, "isTest": True})
    assert found(pulse, "ann@example.com") == []
    pulse.post("/contacts", json={**ANN, "isTest": True})
    assert len(twin.contacts()) == 2


def test_the_search_index_lags_creations_and_updates(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.search_lag = 60
    created = pulse.post("/contacts", json=ANN).json()
    assert found(pulse, "ann@example.com") == []
    twin.options.search_lag = 0
    assert found(pulse, "ann@example.com")[0]["id"] == created["id"]


def test_search_without_its_group_finds_nobody(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.seed(ANN)
    assert pulse.get("/contacts/search", params={"simpleSearch": "ann@example.com"}).json() == {"items": []}


@pytest.mark.parametrize("source", [None, "7", True])
def test_create_needs_a_source_that_is_a_number(source: Any, pulse: httpx.Client) -> None:
    assert pulse.post("/contacts", json={**ANN, "source": source}).status_code == 422


def test_create_makes_a_duplicate_unless_the_account_refuses_it(twin: PulseTwin, pulse: httpx.Client) -> None:
    assert [pulse.post("/contacts", json=ANN).status_code for _ in range(2)] == [201, 201]
    twin.options.same_email = "conflict"
    assert pulse.post("/contacts", json=ANN).status_code == 409
    assert len(twin.contacts()) == 2


def test_the_form_dialect_is_silently_ignored_by_the_contact_call(twin: PulseTwin, pulse: httpx.Client) -> None:
    flat = {"source": 7, "emailAddress": "ann@example.com", "emails": [{"emailAddress": "b@example.com"}]}
    pulse.post("/contacts", json={**flat, "phones": [{"phone": "5165551212", "phoneIsSmsSubscribed": True}]})
    contact = twin.contacts()[0]
    assert [each["emailAddress"] for each in contact["emails"]] == ["b@example.com"]
    assert contact["phones"][0]["isSmsSubscribed"] is False


@pytest.mark.parametrize(
    "place",
    [
        {"addressLine2": "Suite 1"},
        {"addressLine1": "1 Wall St.", "city": "New York", "state": "NY"},
        {"city": "New York"},
    ],
)
def test_an_incomplete_location_is_refused(place: dict[str, str], pulse: httpx.Client) -> None:
    assert pulse.post("/contacts", json={**ANN, "locations": [place]}).status_code == 422
    assert pulse.post(f"/forms/{FORM_UUID}/submit", json={"emailAddress": "a@example.com", **place}).status_code == 422


@pytest.mark.parametrize("phone", ["+15165551212", "516-555-1212", ""])
def test_a_phone_has_ten_bare_digits(phone: str, pulse: httpx.Client) -> None:
    assert pulse.post("/contacts", json={**ANN, "phones": [{"phone": phone}]}).status_code == 422


def test_text_flags_are_true_even_where_they_say_false(twin: PulseTwin, pulse: httpx.Client) -> None:
    pulse.post("/contacts", json={**ANN, "emails": [{"emailAddress": "a@example.com", "isSubscribed": "false"}]})
    assert twin.contacts()[0]["emails"][0]["isSubscribed"] is True


def test_an_update_addresses_the_email_by_its_own_id(twin: PulseTwin, pulse: httpx.Client) -> None:
    contact = twin.seed(ANN)
    sub_id = contact["emails"][0]["id"]
    emails = [{"id": sub_id, "emailAddress": "ann@example.com", "isSubscribed": False}]
    assert pulse.put(f"/contacts/{contact['id']}", json={"emails": emails}).status_code == 200
    assert twin.contacts()[0]["emails"] == emails
    assert pulse.put(f"/contacts/{contact['id']}", json={"emails": [{**emails[0], "id": 9}]}).status_code == 422


def test_an_email_without_its_id_is_added_or_refused(twin: PulseTwin, pulse: httpx.Client) -> None:
    path = f"/contacts/{twin.seed(ANN)['id']}"
    pulse.put(path, json={"emails": ANN["emails"]})
    assert len(twin.contacts()[0]["emails"]) == 2
    twin.options.email_without_id = "refused"
    assert pulse.put(path, json={"emails": ANN["emails"]}).status_code == 422


def test_an_update_replaces_a_whole_array_of_phones(twin: PulseTwin, pulse: httpx.Client) -> None:
    phones = [{"phone": "5165551212", "isSmsSubscribed": True}, {"phone": "5165551213"}]
    contact = twin.seed({**ANN, "phones": phones})
    pulse.put(f"/contacts/{contact['id']}", json={"phones": [{"phone": "5165551214"}]})
    assert [each["phone"] for each in twin.contacts()[0]["phones"]] == ["5165551214"]


def test_an_update_merges_or_replaces_what_it_does_not_mention(twin: PulseTwin, pulse: httpx.Client) -> None:
    contact = twin.seed({**ANN, "lastName": "Lee", "customFields": {"a": 1}})
    pulse.put(f"/contacts/{contact['id']}", json={"firstName": "Anna"})
    assert twin.contacts()[0]["lastName"] == "Lee"
    twin.options.put = "replace"
    pulse.put(f"/contacts/{contact['id']}", json={"firstName": "Anna"})
    after = twin.contacts()[0]
    assert (after["lastName"], after["emails"], after["customFields"]) == (None, [], {})


def test_a_vanished_contact_is_404(pulse: httpx.Client) -> None:
    assert pulse.put("/contacts/70001", json={"firstName": "Ann"}).status_code == 404


def test_reading_one_contact_is_not_offered(twin: PulseTwin, pulse: httpx.Client) -> None:
    assert pulse.get(f"/contacts/{twin.seed(ANN)['id']}").status_code == 405


@pytest.mark.parametrize(("option", "expected"), [("record", 201), ("id", 201), ("text", 201), ("none", 204)])
def test_a_write_answers_a_record_an_id_a_word_or_nothing(
    option: Any, expected: int, twin: PulseTwin, pulse: httpx.Client
) -> None:
    twin.options.write_answer = option
    answer = pulse.post("/contacts", json=ANN)
    assert answer.status_code == expected
    assert bool(answer.content) is (option != "none")


def test_a_2xx_may_carry_a_failure(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.failure_in_body = True
    assert pulse.post("/contacts", json=ANN).json()["code"] == 1
    assert twin.contacts() == []


def test_a_form_takes_the_flat_dialect_only(twin: PulseTwin, pulse: httpx.Client) -> None:
    path = f"/forms/{FORM_UUID}/submit"
    assert pulse.post(path, json={"emails": [{"emailAddress": "a@example.com"}]}).status_code == 422
    flat = {
        "emailAddress": "a@example.com",
        "emailIsSubscribed": True,
        "phone": "5165551212",
        "isSubscribed": True,
    }
    assert pulse.post(path, json=flat).status_code == 200
    contact = twin.contacts()[0]
    assert contact["emails"][0]["isSubscribed"] is True
    assert contact["phones"][0]["isSmsSubscribed"] is False
    assert contact["source"] == 1


def test_a_repeated_submission_fires_the_actions_again_but_keeps_one_contact(
    twin: PulseTwin, pulse: httpx.Client
) -> None:
    for name in ("Ann", "Anna"):
        pulse.post(f"/forms/{FORM_UUID}/submit", json={"emailAddress": "a@example.com", "firstName": name})
    assert [each["firstName"] for each in twin.contacts()] == ["Anna"]
    assert len(twin.events_of("form_action")) == 2


def test_a_form_keeps_consent_that_it_does_not_mention(twin: PulseTwin, pulse: httpx.Client) -> None:
    twin.options.put = "replace"
    twin.seed({**ANN, "phones": [{"phone": "5165551212", "isSmsSubscribed": True}]})
    flat = {"emailAddress": "ANN@example.com", "phone": "5165551212", "phoneIsCallSubscribed": True}
    pulse.post(f"/forms/{FORM_UUID}/submit", json=flat)
    (contact,) = twin.contacts()
    assert contact["emails"][0]["isSubscribed"] is True
    assert contact["phones"][0]["isSmsSubscribed"] is True
    assert contact["phones"][0]["isPhoneSubscribed"] is True


def test_an_unknown_form_is_404(pulse: httpx.Client) -> None:
    assert pulse.post("/forms/nobody/submit", json={"emailAddress": "a@example.com"}).status_code == 404


def test_options_may_be_given_at_the_start() -> None:
    with PulseTwin(PulseOptions(down=True)) as twin:
        assert httpx.get(f"{twin.url}/forms").status_code == 503


@pytest.mark.parametrize(
    ("totals", "told"), [("none", {}), ("total", {"total": 30}), ("meta", {"meta": {"total": 30}})]
)
def test_a_search_answer_may_tell_how_many_hits_there_are(
    totals: str, told: dict[str, Any], twin: PulseTwin, pulse: httpx.Client
) -> None:
    twin.options.change({"totals": totals})
    for number in range(30):
        twin.seed({"source": 1, "emails": [{"emailAddress": f"ann@{number}.example.com"}]})
    body = search(pulse, "ann@").json()
    assert {name: value for name, value in body.items() if name != "items"} == told
    assert len(body["items"]) == 25


def test_a_country_is_held_as_the_vendor_spells_it() -> None:
    place = {"city": "Springfield", "state": "IL", "country": "US"}
    twin = PulseTwin()
    assert twin.seed({"source": 1, "locations": [place]})["locations"][0]["country"] == "USA"
    twin.options.change({"country": "as sent"})
    assert twin.seed({"source": 1, "locations": [place]})["locations"][0]["country"] == "US"
