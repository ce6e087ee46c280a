import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.twins.which50.lists import ContactList
from local.twins.which50.twin import Which50Twin

ANN: dict[str, Any] = {"Email": "ann@example.com", "FirstName": "Ann"}


@pytest.fixture
def twin() -> Iterator[Which50Twin]:
    with Which50Twin(lists=[ContactList(), ContactList(4, "Events")]) as which50:
        yield which50


@pytest.fixture
def which50(twin: Which50Twin) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{twin.url}/Which50API/", headers=twin.headers, timeout=60) as client:
        yield client


def write(which50: httpx.Client, match: str = "Email", events: str = "", list_id: int = 3, **values: Any) -> Any:
    params = {"match": match, "customevents": events}
    body = {"ListId": list_id, "Values": {**ANN, **values}}
    return which50.post("contactLists/3/contact", params={k: v for k, v in params.items() if v}, json=body)


def values_of(twin: Which50Twin, name: str) -> list[Any]:
    return [each["Values"].get(name) for each in twin.contacts()]


def test_configured_headers_or_basic_authentication_are_taken(twin: Which50Twin) -> None:
    url = f"{twin.url}/contactLists"
    assert httpx.get(url, headers=twin.headers).status_code == 200
    assert httpx.get(url, auth=(twin.username, twin.password)).status_code == 200
    assert httpx.get(url, headers={"X-Api-Key": "wrong"}).status_code == 401


def test_a_missing_login_may_lead_to_html_that_answers_200(twin: Which50Twin) -> None:
    twin.options.logged_out = "redirect"
    assert httpx.get(f"{twin.url}/contactLists").status_code == 302
    page = httpx.get(f"{twin.url}/contactLists", follow_redirects=True)
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html")


def test_lists_and_fields_are_bare_arrays_and_objects(which50: httpx.Client) -> None:
    assert which50.get("contactLists").json()[0] == {"Id": 3, "Name": "Newsletter", "Count": 0}
    assert which50.get("contactLists/4").json()["Name"] == "Events"
    fields = which50.get("contactLists/3/fields").json()
    assert [each["Name"] for each in fields][:2] == ["Email", "FirstName"]
    size = next(each for each in fields if each["Name"] == "PracticeSize")
    assert [each["InUse"] for each in size["ContactSchemaFieldValues"]] == [True, True, True, False]
    assert which50.get(f"contactLists/3/fields/{size['Id']}").json() == size


@pytest.mark.parametrize(
    "path",
    ["contactLists/9", "contactLists/9/fields", "contactLists/3/fields/99", "contacts/1", "contactLists/3/import/1"],
)
def test_what_is_not_there_is_404(path: str, which50: httpx.Client) -> None:
    assert which50.get(path).status_code == 404


def test_create_and_update_both_answer_200(twin: Which50Twin, which50: httpx.Client) -> None:
    answers = [write(which50), write(which50, FirstName="Anna")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["EncContactId"] == answers[1].json()["EncContactId"]
    assert values_of(twin, "FirstName") == ["Anna"]


def test_without_match_each_write_creates(twin: Which50Twin, which50: httpx.Client) -> None:
    for _ in range(2):
        write(which50, match="")
    assert len(twin.contacts()) == 2


def test_match_updates_all_contacts_with_equal_values(twin: Which50Twin, which50: httpx.Client) -> None:
    for name in ("Ann", "Bob"):
        twin.seed({"Values": {"Email": "Shared@Example.com", "FirstName": name}})
    write(which50, Email="shared@example.com", FirstName="Zoe")
    assert values_of(twin, "FirstName") == ["Zoe", "Zoe"]


def test_a_blank_match_hits_everybody_without_a_value(twin: Which50Twin, which50: httpx.Client) -> None:
    for name in ("Ann", "Bob"):
        twin.seed({"Values": {"FirstName": name}})
    write(which50, match="Mobile", Mobile="", FirstName="Zoe")
    assert values_of(twin, "FirstName") == ["Zoe", "Zoe"]


def test_two_matched_properties_must_both_be_equal(twin: Which50Twin, which50: httpx.Client) -> None:
    twin.seed({"Values": ANN})
    write(which50, match="Email,FirstName", FirstName="Anna")
    assert values_of(twin, "FirstName") == ["Ann", "Anna"]


def test_invalid_parameters_are_417(which50: httpx.Client) -> None:
    assert write(which50, match="Nothing").status_code == 417
    assert write(which50, match="Mobile").status_code == 417
    assert which50.post("contactLists/3/contact", json={"ListId": 3}).status_code == 417


def test_an_expect_header_is_417_too(twin: Which50Twin) -> None:
    head = f"POST /contactLists/3/contact HTTP/1.1\r\nHost: x\r\nX-Api-Key: {twin.headers['X-Api-Key']}\r\n"
    with socket.create_connection(("127.0.0.1", twin.port), timeout=60) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        connection.shutdown(socket.SHUT_WR)
        assert b" 417 " in b"".join(iter(lambda: connection.recv(4096), b""))


def test_omitted_values_are_kept_on_update(twin: Which50Twin, which50: httpx.Client) -> None:
    twin.seed({"Values": {**ANN, "LastName": "Lee"}})
    write(which50)
    assert values_of(twin, "LastName") == ["Lee"]


def test_unknown_fields_are_417_or_ignored(twin: Which50Twin, which50: httpx.Client) -> None:
    assert write(which50, email="lower@example.com").status_code == 417
    twin.options.unknown_fields = "ignored"
    assert write(which50, Nickname="Annie").status_code == 200
    assert "Nickname" not in twin.contacts()[0]["Values"]


@pytest.mark.parametrize("values", [{"Mobile": "+353871234567"}, {"PracticeSize": "7"}, {"PracticeSize": "21-50"}])
def test_invalid_values_are_dropped_with_a_warning_in_200(
    values: Any, twin: Which50Twin, which50: httpx.Client
) -> None:
    answer = write(which50, **values)
    assert (answer.status_code, len(answer.json()["ValidationWarnings"])) == (200, 1)
    assert next(iter(values)) not in twin.contacts()[0]["Values"]
    twin.options.invalid_values = "refused"
    assert write(which50, **values).status_code == 417


def test_defaults_fill_absent_values_so_silence_is_consent(twin: Which50Twin, which50: httpx.Client) -> None:
    write(which50)
    assert (values_of(twin, "EmailConsent"), values_of(twin, "Country")) == (["true"], ["IE"])
    write(which50, EmailConsent="false")
    write(which50)
    assert values_of(twin, "EmailConsent") == ["false"]


def test_a_list_id_that_differs_from_the_path_is_refused_or_wins_or_loses(
    twin: Which50Twin, which50: httpx.Client
) -> None:
    assert write(which50, list_id=4).status_code == 417
    twin.options.list_id = "body"
    assert write(which50, list_id=4).json()["ListId"] == 4
    twin.options.list_id = "path"
    assert write(which50, list_id=4).json()["ListId"] == 3


def test_custom_events_run_at_every_write(twin: Which50Twin, which50: httpx.Client) -> None:
    for _ in range(2):
        write(which50, events="Welcome,Tag")
    assert [event.name for event in twin.events] == ["Welcome", "Tag"] * 2


def test_a_write_may_answer_nothing(twin: Which50Twin, which50: httpx.Client) -> None:
    twin.options.write_answer = "empty"
    assert (write(which50).status_code, write(which50).content) == (200, b"")


def test_patch_updates_all_matching_and_never_creates(twin: Which50Twin, which50: httpx.Client) -> None:
    params = {"match": "Email", "Email": "ann@example.com", "customevents": "Moved"}
    body = {"Values": {"LastName": "Lee"}}
    assert which50.patch("contactLists/3/contact", params=params, json=body).status_code == 404
    twin.options.patch_nobody = "ok"
    assert which50.patch("contactLists/3/contact", params=params, json=body).status_code == 200
    assert twin.contacts() == []
    twin.seed({"Values": ANN})
    assert which50.patch("contactLists/3/contact", params=params, json=body).status_code == 200
    assert (values_of(twin, "LastName"), len(twin.events)) == (["Lee"], 1)
    assert which50.patch("contactLists/3/contact", params={"match": "Email"}, json=body).status_code == 417
    assert which50.patch("contactLists/3/contact", json=body).status_code == 417


def test_put_on_a_contact_is_not_offered(which50: httpx.Client) -> None:
    assert which50.put("contactLists/3/contact", json={"Values": ANN}).status_code == 405


def test_the_contact_form_takes_form_fields_and_dumps_a_net_response(twin: Which50Twin, which50: httpx.Client) -> None:
    answer = which50.post("contactLists/contactForm", data={"ListId": "3", **ANN})
    assert answer.json()["IsSuccessStatusCode"] is True
    assert values_of(twin, "Email") == ["ann@example.com"]
    assert which50.post("contactLists/contactForm", data={"ListId": "9", **ANN}).status_code == 404


def test_registering_a_device_writes_the_contact_too(twin: Which50Twin, which50: httpx.Client) -> None:
    body = {"Values": ANN, "DeviceID": "d-1"}
    number = which50.post("contactLists/3/registerDevice?match=Email", json=body).json()["EncContactId"]
    assert twin.devices == [{"EncContactId": number, "DeviceID": "d-1"}]


def test_generating_a_pdf_also_writes_the_contact(twin: Which50Twin, which50: httpx.Client) -> None:
    path = "journeys/1/landingpages/2/generatePDF"
    body = {"ListId": 3, "Values": ANN}
    assert which50.post(path, params={"match": "Email", "customevents": "Made"}, json=body).status_code == 200
    assert (len(twin.contacts()), len(twin.events_of("Made"))) == (1, 1)
    assert which50.post(path, json={"Values": ANN}).status_code == 404


def test_webhooks_are_subscribed_listed_and_removed(which50: httpx.Client) -> None:
    number = which50.post("webhook/subscribe/ContactCreated").json()["Id"]
    assert len(which50.get("webhook/webhooksubscriptions").json()) == 1
    assert [which50.delete(f"webhook/subscribe/{number}").status_code for _ in range(2)] == [200, 404]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("what", ["sendEmail", "sendTextMessage"])
def test_sending_a_message_also_writes_the_contact(
    method: str, what: str, twin: Which50Twin, which50: httpx.Client
) -> None:
    body = {"EmailId": 1, "Contact": {"ListId": 3, "Values": ANN}}
    assert which50.request(method, f"journeys/{what}", params={"match": "Email"}, json=body).status_code == 200
    assert (len(twin.contacts()), [event.name for event in twin.events]) == (1, [what])


def test_a_contact_is_read_by_its_encrypted_id_only(twin: Which50Twin, which50: httpx.Client) -> None:
    number = write(which50, events="Welcome").json()["EncContactId"]
    assert not number.isdigit()
    assert which50.get(f"contacts/{number}").json()["Values"]["Email"] == "ann@example.com"
    for part in ("emails", "textmessages", "journeys", "summary", "journeyactivities/7"):
        assert which50.get(f"contacts/{number}/{part}").json() == [{"Name": "Welcome"}]
    assert which50.get("contactLists/3/contacts").json() == twin.contacts()


def test_an_import_does_nothing_until_it_is_run(twin: Which50Twin, which50: httpx.Client) -> None:
    twin.options.import_seconds = 0
    job = which50.post("contactLists/3/import", json={"FieldNames": ["Email"]}).json()
    path = f"contactLists/3/import/{job['Id']}"
    rows = [{"Values": {**ANN, "Email": f"{number}@example.com"}} for number in range(3)]
    assert which50.post(path, json=rows).json()["CurrentStatus"] == "Created"
    assert (twin.contacts(), which50.get(path).json()["ProgressPercent"]) == ([], 0)
    which50.post(f"{path}/run", params={"match": "Email", "customevents": "Imported"})
    done = which50.get(path).json()
    assert (done["ProgressPercent"], done["InsertedContacts"], done["TotalContacts"]) == (100, 3, 3)
    assert done["FinishDate"]
    assert values_of(twin, "FirstName") == [None] * 3
    assert len(twin.events_of("Imported")) == 3
    assert which50.post(f"{path}/run").status_code == 417
    assert which50.post(path, json=rows).status_code == 417


def test_an_import_takes_time_and_counts_what_it_could_not_use(twin: Which50Twin, which50: httpx.Client) -> None:
    twin.seed({"Values": ANN})
    twin.options.import_seconds = 60
    job = which50.post("contactLists/3/import", json={"FieldNames": ["Email", "Mobile"]}).json()
    path = f"contactLists/3/import/{job['Id']}"
    rows = [ANN, {"Email": "none"}, {"Email": "b@example.com", "Mobile": "+1"}, {"Mobile": "353871234567"}]
    which50.post(path, json=[{"Values": row} for row in rows])
    which50.post(f"{path}/run", params={"match": "Email"})
    assert which50.get(path).json()["CurrentStatus"] == "Processing"
    twin.options.import_seconds = 0
    done = which50.get(path).json()
    counts = [done[f"{name}Contacts"] for name in ("Inserted", "Updated", "NotUpdated", "Dropped")]
    assert (counts, done["InvalidEmailCount"], done["InvalidSmsCount"]) == ([0, 1, 3, 0], 1, 1)


def test_an_import_takes_ten_thousand_rows_a_call_and_only_known_fields(which50: httpx.Client) -> None:
    assert which50.post("contactLists/3/import", json={"FieldNames": ["Nickname"]}).status_code == 417
    job = which50.post("contactLists/3/import", json={"FieldNames": ["Email"]}).json()
    rows = [{"Values": ANN}] * 10_001
    assert which50.post(f"contactLists/3/import/{job['Id']}", json=rows).status_code == 417
    assert which50.post(f"contactLists/3/import/{job['Id']}", json=rows[:-1]).status_code == 200


def test_the_clock_journeys_files_and_linked_data_answer(which50: httpx.Client) -> None:
    assert which50.get("contactLists/serverTime").json().startswith("20")
    assert which50.get("contactLists/3/journeys").json() == which50.get("journeys/1/contacts").json() == []
    assert which50.get("contactLists/3/linkeddata/1/records").status_code == 400
    assert which50.get("contactLists/3/linkeddata/1/records", params={"$select": "Id"}).json() == []
    which50.post("files", params={"subFolder": "in"}, content=b"x")
    assert which50.get("files", params={"filePath": "in"}).content == b"x"
    statuses = [which50.delete("files", params={"filePath": "in"}).status_code for _ in range(2)]
    assert (statuses, which50.get("files", params={"filePath": "in"}).status_code) == ([200, 404], 404)
