import http.server
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.twins.esputnik.organisation import EsputnikOptions
from local.twins.esputnik.twin import EsputnikTwin

ANN: dict[str, Any] = {"channels": [{"type": "email", "value": "ann@example.com"}], "firstName": "Ann"}
PHONE = {"type": "sms", "value": "15165551212"}


@pytest.fixture
def twin() -> Iterator[EsputnikTwin]:
    with EsputnikTwin(EsputnikOptions(duplicate_window=0, import_seconds=0)) as esputnik:
        yield esputnik


@pytest.fixture
def esputnik(twin: EsputnikTwin) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{twin.url}/api", auth=("anyone", twin.api_key), timeout=60) as client:
        yield client


def subscribe(esputnik: httpx.Client, contact: Any = None, **more: Any) -> httpx.Response:
    return esputnik.post("/v1/contact/subscribe", json={"contact": contact or ANN, **more})


def bulk(esputnik: httpx.Client, *contacts: Any, **more: Any) -> Any:
    body = {"contacts": list(contacts or [ANN]), "dedupeOn": "email", **more}
    return esputnik.post("/v1/contacts", json=body).json()


def event_names(twin: EsputnikTwin) -> list[str]:
    return [event.name for event in twin.events]


def test_any_user_name_goes_and_a_wrong_key_is_401(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    assert esputnik.get("/v1/account/info").json()["orgId"] == 4242
    assert httpx.get(f"{twin.url}/api/v1/account/info", auth=("", twin.api_key)).status_code == 200
    assert httpx.get(f"{twin.url}/api/v1/account/info", auth=(twin.api_key, "")).status_code == 401


def test_wrong_method_and_media_type_are_405_and_415(esputnik: httpx.Client) -> None:
    assert esputnik.get("/v1/contact").headers["Allow"] == "DELETE, POST"
    assert esputnik.get("/v1/contact").status_code == 405
    assert esputnik.post("/v1/contact/subscribe", data={"contact": "x"}).status_code == 415


def test_subscribing_somebody_new_makes_an_unconfirmed_contact(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    answer = subscribe(esputnik)
    assert answer.json() == {"id": twin.contacts()[0]["id"]}
    assert twin.contacts()[0]["confirmed"] is False


def test_every_subscribe_fires_an_event_for_new_and_known(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    subscribe(esputnik, formType="abc")
    subscribe(esputnik, formType="abc")
    subscribe(esputnik)
    assert event_names(twin) == [
        "subscribeFromApi-abc",
        "subscribeUpdateFromApi-abc",
        "subscribeUpdateFromApi",
    ]
    contact_id = twin.contacts()[0]["id"]
    params = {"key": contact_id, "ContactId": contact_id, "EmailAddress": "ann@example.com"}
    assert twin.events[0].params == params


def test_a_phone_only_event_has_no_email_address(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    subscribe(esputnik, {"channels": [PHONE]})
    assert "EmailAddress" not in twin.events[0].params


def test_the_same_request_within_a_minute_is_409_though_the_first_was_kept(
    twin: EsputnikTwin, esputnik: httpx.Client
) -> None:
    twin.options.duplicate_window = 60
    answers = [subscribe(esputnik), subscribe(esputnik), subscribe(esputnik, formType="other")]
    assert [answer.status_code for answer in answers] == [200, 409, 200]
    assert "Duplicated request" in answers[1].text
    assert len(twin.events) == 2


def test_a_repeat_may_be_told_by_its_contact_alone(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.duplicate_window, twin.options.duplicate_by = 60, "contact"
    assert [subscribe(esputnik, formType=each).status_code for each in ("a", "b")] == [200, 409]


def test_after_the_window_a_repeat_is_taken_and_fires_again(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.duplicate_window = 0.05
    subscribe(esputnik)
    time.sleep(0.06)
    assert subscribe(esputnik).status_code == 200
    assert len(twin.events) == 2


def test_subscribe_updates_fields_but_not_existing_channels(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({**ANN, "channels": [*ANN["channels"], PHONE]})
    moved = {"channels": [{"type": "email", "value": "new@example.com"}, PHONE], "lastName": "Lee"}
    subscribe(esputnik, moved)
    (contact,) = twin.contacts()
    assert contact["channels"] == [*ANN["channels"], PHONE]
    assert (contact["firstName"], contact["lastName"]) == ("Ann", "Lee")


def test_a_shared_phone_matches_another_person(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({"channels": [PHONE], "firstName": "Bob"})
    subscribe(esputnik, {**ANN, "channels": [*ANN["channels"], PHONE]})
    assert [contact["firstName"] for contact in twin.contacts()] == ["Ann"]


def test_external_id_outranks_the_email_and_seizes_a_profile(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({"channels": [{"type": "email", "value": "vip@example.com"}], "externalCustomerId": "1"})
    esputnik.post("/v1/contact", json={**ANN, "externalCustomerId": "1"})
    assert [contact["channels"] for contact in twin.contacts()] == [ANN["channels"]]


def test_groups_are_made_on_demand_so_a_typo_is_a_new_segment(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    subscribe(esputnik, groups=["Subscribers", "Subscribres"])
    assert [each["name"] for each in esputnik.get("/v1/groups").json()] == ["Subscribers", "Subscribres"]
    assert [each["name"] for each in twin.contacts()[0]["groups"]] == ["Subscribers", "Subscribres"]


@pytest.mark.parametrize("form_type", ["a<b", "a;b", "a/b", "a\\b", "a|b", "it's", "“a”", "a?", "a!", "a^", "a,b", "`"])
def test_forbidden_characters_in_form_type_are_400(form_type: str, esputnik: httpx.Client) -> None:
    assert subscribe(esputnik, formType=form_type).status_code == 400


@pytest.mark.parametrize(
    "contact",
    [
        {"firstName": "Ann"},
        {"channels": []},
        {"channels": [{"type": "fax", "value": "1"}]},
        {"channels": [{"type": "email", "value": "ann"}]},
        {"channels": [{"type": "sms", "value": "+15165551212"}]},
        {"channels": [{"type": "email", "value": f"{n}@example.com"} for n in range(3)]},
        {**ANN, "firstName": "A1B2C3D4"},
        {**ANN, "firstName": "A"},
        {**ANN, "lastName": "O'Neil; DROP"},
        {**ANN, "fields": [{"id": "practice", "value": "x"}]},
    ],
)
def test_bad_contacts_are_400_in_plain_text(contact: Any, twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    answer = subscribe(esputnik, contact)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert twin.contacts() == []


def test_a_plus_may_be_stored_and_is_then_another_number(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.sms = "plus"
    for value in ("+15165551212", "15165551212"):
        subscribe(esputnik, {"channels": [{"type": "sms", "value": value}]})
    assert len(twin.contacts()) == 2


def test_a_single_contact_is_upserted_confirmed_and_without_event(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    ids = {esputnik.post("/v1/contact", json={**ANN, "firstName": name}).json()["id"] for name in ("Ann", "Anna")}
    (contact,) = twin.contacts()
    assert (ids, contact["firstName"], contact["confirmed"]) == ({contact["id"]}, "Anna", True)
    assert twin.events == []


def test_an_earlier_edition_created_always(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.post = "creates"
    for _ in range(2):
        esputnik.post("/v1/contact", json=ANN)
    assert len(twin.contacts()) == 2


def test_a_postcode_may_have_to_be_a_number(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    contact = {**ANN, "address": {"postcode": "SW1A 1AA"}}
    assert subscribe(esputnik, contact).status_code == 200
    twin.options.postcode = "number"
    answers = [subscribe(esputnik, {**ANN, "address": {"postcode": code}}) for code in ("SW1A 1AA", "01234")]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert "postcode" in answers[0].text


def test_put_answers_a_sentence_and_replaces_what_it_does_not_mention(
    twin: EsputnikTwin, esputnik: httpx.Client
) -> None:
    held = twin.seed({**ANN, "lastName": "Lee", "address": {"town": "London"}, "fields": [{"id": 5, "value": "x"}]})
    answer = esputnik.put(f"/v1/contact/{held['id']}", json=ANN)
    assert answer.text == f"Contact with id='{held['id']}' has been updated"
    (after,) = twin.contacts()
    assert (after["lastName"], after["address"]["town"], after["fields"]) == (None, None, [])


def test_put_may_merge_instead(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.put = "merge"
    held = twin.seed({**ANN, "lastName": "Lee"})
    esputnik.put(f"/v1/contact/{held['id']}", json={"firstName": "Anna"})
    assert (twin.contacts()[0]["firstName"], twin.contacts()[0]["lastName"]) == ("Anna", "Lee")


def test_put_never_creates(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    assert esputnik.put("/v1/contact/5000001", json=ANN).status_code == 404
    assert twin.contacts() == []


def test_put_can_correct_an_address(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    held = twin.seed(ANN)
    channels = [{"type": "email", "value": "ann.lee@example.com"}]
    esputnik.put(f"/v1/contact/{held['id']}", json={"channels": channels})
    assert twin.contacts()[0]["channels"] == channels


def test_search_is_not_exact_and_starts_with_near_misses(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    for address in ("ann@example.com", "joann@example.com"):
        twin.seed({"channels": [{"type": "email", "value": address}]})
    answer = esputnik.get("/v1/contacts", params={"email": "ann@example.com"})
    assert [each["channels"][0]["value"] for each in answer.json()] == [
        "joann@example.com",
        "ann@example.com",
    ]
    assert answer.headers["TotalCount"] == "2"
    page = esputnik.get("/v1/contacts", params={"email": "ann@example.com", "startindex": 2, "maxrows": 1})
    assert [each["channels"][0]["value"] for each in page.json()] == ["ann@example.com"]


def test_the_total_of_an_unfiltered_search_is_wrong(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    esputnik.delete(f"/v1/contact/{twin.seed(ANN)['id']}")
    answer = esputnik.get("/v1/contacts")
    assert (answer.json(), answer.headers["TotalCount"]) == ([], "1")


def test_search_lags_but_reading_by_id_does_not(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.search_lag = 60
    number = esputnik.post("/v1/contact", json=ANN).json()["id"]
    assert esputnik.get("/v1/contacts", params={"email": "ann@example.com"}).json() == []
    assert esputnik.get(f"/v1/contact/{number}").json()["firstName"] == "Ann"


def test_read_and_delete_of_nobody_are_404_and_delete_answers_a_sentence(
    twin: EsputnikTwin, esputnik: httpx.Client
) -> None:
    path = f"/v1/contact/{twin.seed({**ANN, 'externalCustomerId': 'x'})['id']}"
    assert "has been deleted" in esputnik.delete(path).text
    assert [esputnik.get(path).status_code, esputnik.delete(path).status_code] == [404, 404]
    twin.seed({**ANN, "externalCustomerId": "x"})
    gone = esputnik.delete("/v1/contact", params={"externalCustomerId": "x", "erase": "true"})
    assert (gone.status_code, twin.contacts()) == (200, [])


def test_bulk_contacts_are_confirmed_and_appear_once_the_import_ran(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.import_seconds = 60
    answer = bulk(esputnik, groupNames=["Customers"], eventKeyForNewContacts="newContact")
    assert answer["id"] == 0
    status = esputnik.get(f"/v1/importstatus/{answer['asyncSessionId']}")
    assert (status.json()["status"], twin.contacts(), esputnik.get("/v1/groups").json()) == (
        "STARTED",
        [],
        [],
    )
    twin.options.import_seconds = 0
    status = esputnik.get(f"/v1/importstatus/{answer['asyncSessionId']}").json()
    (contact,) = twin.contacts()
    assert (status["status"], status["contactIds"]) == ("FINISHED", [contact["id"]])
    assert (contact["confirmed"], contact["groups"][0]["name"]) == (True, "Customers")
    assert event_names(twin) == ["newContact"]


def test_bulk_without_contact_fields_nulls_what_it_does_not_mention(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({**ANN, "lastName": "Lee", "fields": [{"id": 5, "value": "x"}]})
    bulk(esputnik, {**ANN, "firstName": "Anna"}, contactFields=["firstName"])
    assert (twin.contacts()[0]["firstName"], twin.contacts()[0]["lastName"]) == ("Anna", "Lee")
    bulk(esputnik, ANN)
    assert (twin.contacts()[0]["firstName"], twin.contacts()[0]["lastName"]) == ("Ann", None)


def test_bulk_writes_only_the_listed_custom_fields(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({**ANN, "fields": [{"id": 5, "value": "old"}, {"id": 6, "value": "old"}]})
    fields = [{"id": 5, "value": "new"}, {"id": 6, "value": "new"}]
    bulk(esputnik, {**ANN, "fields": fields}, contactFields=[], customFieldsIDs=[5])
    assert twin.contacts()[0]["fields"] == [{"id": 5, "value": "new"}, {"id": 6, "value": "old"}]


def test_bulk_removes_from_segments_and_restores_the_deleted_if_told(
    twin: EsputnikTwin, esputnik: httpx.Client
) -> None:
    held = twin.seed({**ANN, "groups": ["Old"]})
    bulk(esputnik, groupNamesExclude=["Old"])
    assert twin.contacts()[0]["groups"] == []
    esputnik.delete(f"/v1/contact/{held['id']}")
    bulk(esputnik, restoreDeleted=True)
    assert [each["id"] for each in twin.contacts()] == [held["id"]]


def test_failed_contacts_are_one_object_or_an_array_beside_200(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    bad: dict[str, Any] = {"channels": []}
    assert bulk(esputnik, ANN, bad)["failedContacts"] == bad
    assert bulk(esputnik, bad, {"firstName": "x"})["failedContacts"] == [bad, {"firstName": "x"}]
    assert len(twin.contacts()) == 1


def test_an_error_message_may_come_with_200(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.error_message = "Import is not possible"
    assert bulk(esputnik)["errorMessage"] == "Import is not possible"
    assert twin.contacts() == []


def test_a_bulk_call_with_one_contact_may_answer_its_id(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.single_import_id, twin.options.import_seconds = True, 60
    assert bulk(esputnik)["id"] == twin.contacts()[0]["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"contacts": [], "dedupeOn": "email"},
        {"contacts": [ANN]},
        {"contacts": [ANN], "dedupeOn": "name"},
        {"contacts": [ANN], "dedupeOn": "fieldId"},
        {"contacts": [ANN] * 3001, "dedupeOn": "email"},
        {"contacts": [ANN], "dedupeOn": "email", "eventKeyForNewContacts": "new contact"},
    ],
)
def test_bad_bulk_requests_are_400(body: Any, esputnik: httpx.Client) -> None:
    assert esputnik.post("/v1/contacts", json=body).status_code == 400


def test_bulk_may_match_by_id_custom_field_or_phone(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    held = twin.seed({**ANN, "channels": [*ANN["channels"], PHONE], "fields": [{"id": 5, "value": "card"}]})
    other = {"channels": [{"type": "email", "value": "other@example.com"}]}
    bulk(esputnik, {**other, "id": held["id"]}, dedupeOn="id", contactFields=["firstName"])
    bulk(
        esputnik,
        {**other, "fields": [{"id": 5, "value": "card"}]},
        dedupeOn="fieldId",
        fieldId=5,
        contactFields=[],
    )
    bulk(esputnik, {"channels": [*other["channels"], PHONE]}, dedupeOn="email_or_sms", contactFields=[])
    assert len(twin.contacts()) == 1


def test_a_phone_is_cleared_by_naming_the_channel_and_sending_none(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({**ANN, "channels": [*ANN["channels"], PHONE]})
    bulk(esputnik, ANN, contactFields=["sms"])
    assert twin.contacts()[0]["channels"] == ANN["channels"]


def test_an_import_may_be_404_until_it_begins(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.fresh_import, twin.options.import_seconds = "missing", 60
    path = f"/v1/importstatus/{bulk(esputnik)['asyncSessionId']}"
    assert esputnik.get(path).status_code == 404
    twin.options.import_seconds = 0
    assert esputnik.get(path).json()["status"] == "FINISHED"


def test_an_unknown_import_is_404(esputnik: httpx.Client) -> None:
    assert esputnik.get("/v1/importstatus/none").status_code == 404


def test_an_upload_fetches_the_file_and_ends_in_error_if_it_cannot(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    class CsvFile(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"email,firstName\nann@example.com,Ann\n")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), CsvFile) as files:
        threading.Thread(target=files.handle_request, daemon=True).start()
        link = f"http://127.0.0.1:{files.server_port}/contacts.csv"
        number = esputnik.post("/v1/contacts/upload", json={"link": link}).json()["asyncSessionId"]
        assert esputnik.get(f"/v1/importstatus/{number}").json()["status"] == "FINISHED"
    assert twin.contacts()[0]["firstName"] == "Ann"
    number = esputnik.post("/v1/contacts/upload", json={"link": "ftp://example.com/x"}).json()["asyncSessionId"]
    assert esputnik.get(f"/v1/importstatus/{number}").json()["status"] == "ERROR"


def test_an_empty_detach_takes_everybody_out(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    ids = [twin.seed({**ANN, "groups": ["All"]})["id"] for _ in range(3)]
    group = esputnik.get("/v1/groups").json()[0]["id"]
    assert esputnik.post(f"/v1/group/{group}/contacts/detach", json={"contactIds": ids[:1]}).text == (
        "Contacts were detached"
    )
    assert len(esputnik.get(f"/v1/group/{group}/contacts").json()) == 2
    esputnik.post(f"/v1/group/{group}/contacts/detach", json={"contactIds": []})
    assert esputnik.get(f"/v1/group/{group}/contacts").json() == []


def test_attach_takes_one_kind_of_id_and_at_most_500(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.seed({**ANN, "groups": ["All"]})
    number = twin.seed({**ANN, "externalCustomerId": "x"})["id"]
    path = f"/v1/group/{esputnik.get('/v1/groups').json()[0]['id']}/contacts/attach"
    assert esputnik.post(path, json={"externalCustomerIds": ["x"]}).text == "Contacts were attached"
    for body in ({"contactIds": [number], "externalCustomerIds": ["x"]}, {"contactIds": [number] * 501}):
        assert esputnik.post(path, json=body).status_code == 400
    assert esputnik.post("/v1/group/999/contacts/attach", json={"contactIds": [number]}).status_code == 404


def test_too_many_calls_a_second_are_429(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    twin.options.rate_limit = 2
    assert [subscribe(esputnik).status_code for _ in range(3)] == [200, 200, 429]


def test_unsubscribing_is_by_address_and_survives_a_new_subscribe(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    esputnik.post("/v1/emails/unsubscribed/add", json={"emails": ["ann@example.com"]})
    subscribe(esputnik)
    assert twin.contacts()[0]["unsubscribed"] is True
    esputnik.post("/v1/emails/unsubscribed/delete", json={"emails": ["ann@example.com"]})
    assert twin.contacts()[0]["unsubscribed"] is False


def test_an_event_without_a_key_is_refused(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    assert esputnik.post("/v2/event", json={"eventTypeKey": "signup"}).status_code == 400
    params = [{"name": "email", "value": "ann@example.com"}]
    assert esputnik.post("/v2/event", json={"eventTypeKey": "signup", "params": params}).status_code == 200
    assert event_names(twin) == ["signup"]


def test_categories_ids_and_fields_can_be_read(twin: EsputnikTwin, esputnik: httpx.Client) -> None:
    subscribe(esputnik, {**ANN, "fields": [{"id": "5", "value": "x"}]}, subscriptions=["news"])
    number = twin.contacts()[0]["id"]
    assert esputnik.get(f"/v1/contact/{number}/subscriptions").json() == ["news"]
    esputnik.put(f"/v1/contact/{number}/subscriptions", json=["offers"])
    assert twin.contacts()[0]["subscriptions"] == ["offers"]
    found = esputnik.get("/v1/contacts/email", params={"ids": f"{number},1"}).json()["results"]
    assert found == [{"contactId": number, "email": "ann@example.com"}]
    book = esputnik.get("/v1/addressbooks").json()["addressBook"]
    assert book["fieldGroups"][0]["fields"] == [{"id": 5, "name": "Field 5"}]


def test_the_version_may_be_part_of_the_base_url_or_not(twin: EsputnikTwin) -> None:
    assert httpx.get(f"{twin.url}/v1/account/info", auth=("x", twin.api_key)).status_code == 200
