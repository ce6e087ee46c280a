"""eSputnik's client: every call exactly as it goes out, every answer as the vendor gives it, and what is refused."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from local.twins.esputnik.twin import EsputnikTwin
from shared.deadline import Deadline
from shared.errors import NotFound, OutcomeUnknown, Refused, Unavailable
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.esputnik.bulk import ESputnikBulkClient
from shared.vendors.esputnik.client import MAX_MEMBERS, ESputnikConnection
from shared.vendors.esputnik.imports import MAX_IMPORT, BulkResult, Import, ImportStatus
from tests.support.vendor_fakes import http_answering, soon, task
from tests.vendors.esputnik.account import ANN, SPECS, Account
from tests.vendors.recording import Recorder, Snapshots

KEY = "esputnik-key"
SECRET = {"base_url": "https://esputnik.com/api", "api_key": KEY}
CONNECTION = ESputnikConnection.of_secret("esputnik", SECRET)
TOKEN = b64encode(f"signup-relay:{KEY}".encode()).decode()
CONTACT = {"channels": [{"type": "email", "value": ANN}], "firstName": "Ann"}
SETTINGS = Import("email", contact_fields=("firstName",), custom_field_ids=())
recorder = partial(Recorder, secrets=[TOKEN])


@pytest.fixture
def account(esputnik: EsputnikTwin, http: VendorHttp) -> Account:
    return Account(esputnik, http, "upsert")


def client(answers: Recorder) -> ESputnikBulkClient:
    return ESputnikBulkClient(answers.http, CONNECTION, soon())


def answering(body: Any, status: int = 200) -> ESputnikBulkClient:
    """Return a client to which every call is answered so."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)

    return ESputnikBulkClient(http_answering(answer), CONNECTION, soon())


def full_task() -> Any:
    return task(
        channels=["email"],
        custom={12: True, 7: "6-20"},
        email="Ann.Lee@example.com",
        phone="+380942583691",
        first_name="Ann",
        last_name="Lee",
        address_line1="1 First Street",
        address_line2="Floor 2",
        city="London",
        state="West",
        postal_code="12345",
        country="GB",
        language="en-GB",
        time_zone="Europe/London",
    )


# Recorded requests.


def test_a_full_subscription_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"id": 1})
    options = {
        "form_type": "footer",
        "groups": ["Readers"],
        "subscriptions": ["news"],
        "channels": ["email", "phone"],
    }
    spec = SPECS["subscribe"]
    action = spec.build(spec.options.model_validate(options), CONNECTION, answers.http, soon())
    action.deliver(full_task(), memory)
    snapshots.check("esputnik_subscribe_full", answers)


def test_a_minimal_subscription_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder({"id": 1})
    spec = SPECS["subscribe"]
    spec.build(spec.options(), CONNECTION, answers.http, soon()).deliver(task(email=ANN), memory)
    snapshots.check("esputnik_subscribe_minimal", answers)


def test_an_upsert_that_creates_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    answers = recorder([{"id": 7, "name": "Readers", "type": "Static"}], [], {"id": 1}, "Contacts were attached")
    spec = SPECS["upsert"]
    options = spec.options.model_validate({"groups": ["Readers"], "channels": ["email", "phone"]})
    spec.build(options, CONNECTION, answers.http, soon()).deliver(full_task(), memory)
    snapshots.check("esputnik_upsert_full", answers)


def test_an_upsert_that_updates_is_sent_as_recorded(memory: PersonRecord, snapshots: Snapshots) -> None:
    held = {**CONTACT, "id": 1, "lastName": "Lee", "fields": [{"id": "5", "value": "x"}], "groups": [{"name": "Old"}]}
    answers = recorder([held], held, "Contact with id='1' has been updated")
    spec = SPECS["upsert"]
    spec.build(spec.options(), CONNECTION, answers.http, soon()).deliver(task(email=ANN, first_name="Anna"), memory)
    snapshots.check("esputnik_upsert_minimal", answers)


def test_every_call_of_the_client_is_sent_as_recorded(snapshots: Snapshots) -> None:
    calls: list[tuple[Any, Callable[[ESputnikBulkClient], object]]] = [
        ({"id": 1}, lambda e: e.subscribe({"contact": CONTACT, "formType": "footer"})),
        ({"id": 1}, lambda e: e.add_contact(CONTACT)),
        ("Contact with id='1' has been updated", lambda e: e.update_contact(1, CONTACT)),
        (CONTACT, lambda e: e.read_contact(1)),
        ("Contact with id='1' has been deleted", lambda e: e.delete_contact(1)),
        ("deleted", lambda e: e.delete_external_contact("crm/1", erase=True)),
        (["news"], lambda e: e.read_subscriptions(1)),
        ("updated", lambda e: e.replace_subscriptions(1, ["news"])),
        ([], lambda e: e.search_contacts(email="ann+x@example.com", start=101, size=50)),
        ([], lambda e: e.search_contacts(sms="380942583691", first_name="Ann", last_name="Lee")),
        ({"results": []}, lambda e: e.contact_emails([1, 2])),
        ({"asyncSessionId": "s"}, lambda e: e.import_contacts([CONTACT], SETTINGS)),
        ({"asyncSessionId": "s"}, lambda e: e.import_contacts([CONTACT], full_import())),
        ({"asyncSessionId": "s"}, lambda e: e.upload_contacts("https://example.com/contacts.csv", SETTINGS)),
        ({"status": "FINISHED"}, lambda e: e.import_status("s/1")),
        ([], lambda e: e.list_segments("Readers", start=2, size=3)),
        ([], lambda e: e.segment_contacts(7)),
        ("Contacts were attached", lambda e: e.attach_contacts(7, contact_ids=[1, 2])),
        ("Contacts were attached", lambda e: e.attach_contacts(7, external_ids=["crm-1"])),
        ("Contacts were detached", lambda e: e.detach_contacts(7, contact_ids=[1])),
        ("", lambda e: e.unsubscribe_emails([ANN])),
        ({"addressBook": {}}, lambda e: e.address_books()),
        ({"orgId": 1}, lambda e: e.account_info()),
        ("", lambda e: e.request("event", "POST", "/v1/event", body={"eventTypeKey": "x", "keyValue": "1"})),
    ]
    answers = recorder(*(answer for answer, _ in calls))
    for _, call in calls:
        call(client(answers))
    snapshots.check("esputnik_client", answers)


def full_import() -> Import:
    return Import(
        "fieldId",
        contact_fields=("firstName", "email"),
        custom_field_ids=(5,),
        field_id=5,
        group_names=("Customers",),
        group_names_exclude=("Subscribers",),
        event_key="newContact",
    )


# Transport.


def test_the_key_is_the_password_of_basic_authentication_and_the_version_may_stand_in_the_base_url() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    for base in ("https://esputnik.com/api", "https://yespo.io/api/v1", "https://yespo.io/api/v1/"):
        connection = ESputnikConnection.of_secret("esputnik", {**SECRET, "base_url": base, "username": "me"})
        ESputnikBulkClient(http_answering(answer), connection, soon()).account_info()
    assert [str(request.url) for request in seen] == [
        "https://esputnik.com/api/v1/account/info",
        "https://yespo.io/api/v1/account/info",
        "https://yespo.io/api/v1/account/info",
    ]
    assert b64decode(seen[0].headers["authorization"].removeprefix("Basic ")) == f"me:{KEY}".encode()


# Answers.


@pytest.mark.parametrize("answer", ["Contact was saved", "", [], {}, {"id": 0}, {"id": "x"}, {"id": None}])
def test_an_answer_without_an_id_is_still_success(answer: Any) -> None:
    assert answering(answer).subscribe({"contact": CONTACT}) is None
    assert answering(answer).add_contact(CONTACT) is None


@pytest.mark.parametrize("answer", [{"id": 12}, {"id": "12"}])
def test_an_id_may_come_as_number_or_text(answer: Any) -> None:
    assert answering(answer).add_contact(CONTACT) == 12


READS: list[Callable[[ESputnikBulkClient], object]] = [
    lambda e: e.read_contact(1),
    lambda e: e.search_contacts(email=ANN),
    lambda e: e.list_segments(),
    lambda e: e.segment_contacts(7),
    lambda e: e.read_subscriptions(1),
    lambda e: e.address_books(),
    lambda e: e.account_info(),
]


@pytest.mark.parametrize("read", READS)
def test_what_is_read_must_be_understood(read: Callable[[ESputnikBulkClient], object]) -> None:
    with pytest.raises(Unavailable, match="not understood"):
        read(answering("Try again later"))


def test_deleting_whom_nobody_knows_is_no_failure(account: Account) -> None:
    number = account.twin.seed({**CONTACT, "externalCustomerId": "crm-1"})["id"]
    assert account.client().delete_contact(number) is True
    assert account.client().delete_contact(number) is False
    assert account.client().delete_external_contact("crm-1") is False
    with pytest.raises(NotFound):
        account.client().read_contact(number)


def test_ids_are_translated_to_addresses(account: Account) -> None:
    number = account.twin.seed(CONTACT)["id"]
    assert account.client().contact_emails([number, 1]) == {number: ANN}
    assert answering("none").contact_emails([1]) == {}


def test_subscriptions_are_read_and_replaced(account: Account) -> None:
    number = account.twin.seed(CONTACT)["id"]
    account.client().replace_subscriptions(number, ["news", "offers"])
    assert account.client().read_subscriptions(number) == ["news", "offers"]


def test_the_organisation_wide_unsubscription_has_no_way_back_here(account: Account) -> None:
    account.twin.seed(CONTACT)
    account.client().unsubscribe_emails([ANN])
    assert account.contact()["unsubscribed"] is True
    assert not [name for name in dir(ESputnikBulkClient) if "resubscribe" in name or "unsubscribed_delete" in name]


def test_custom_fields_are_listed_with_their_numbers(account: Account) -> None:
    account.twin.seed({**CONTACT, "fields": [{"id": 5, "value": "x"}]})
    assert account.client().address_books()["addressBook"]["fieldGroups"][0]["fields"][0]["id"] == 5


# Imports.


def test_an_import_writes_only_the_fields_that_it_names(account: Account) -> None:
    account.twin.seed({**CONTACT, "lastName": "Lee", "fields": [{"id": 5, "value": "x"}]})
    result = account.client().import_contacts([{**CONTACT, "firstName": "Anna"}], SETTINGS)
    assert result.session_id is not None
    assert account.client().import_status(result.session_id) == ImportStatus("FINISHED", (account.contact()["id"],))
    contact = account.contact()
    assert (contact["firstName"], contact["lastName"], contact["fields"][0]["value"]) == ("Anna", "Lee", "x")


def test_an_import_never_restores_people_who_were_deleted(account: Account) -> None:
    account.client().delete_contact(account.twin.seed({**CONTACT, "lastName": "Lee"})["id"])
    account.client().import_contacts([CONTACT], SETTINGS)
    assert account.contact()["lastName"] is None
    assert SETTINGS.body()["restoreDeleted"] is False


@pytest.mark.parametrize(
    "settings",
    [
        Import("email", contact_fields=(), custom_field_ids=()),
        Import("fieldId", contact_fields=("firstName",), custom_field_ids=()),
        Import("email", contact_fields=("firstName",), custom_field_ids=(), field_id=5),
        Import("email", contact_fields=("firstName",), custom_field_ids=(), event_key="new contact"),
        Import("email", contact_fields=("firstName",), custom_field_ids=(), event_key="x" * 101),
    ],
)
def test_import_settings_that_break_a_rule_are_refused_before_any_call(settings: Import) -> None:
    answers = recorder()
    with pytest.raises(Refused):
        client(answers).import_contacts([CONTACT], settings)
    with pytest.raises(Refused):
        client(answers).upload_contacts("https://example.com/contacts.csv", settings)
    assert answers.requests == []


@pytest.mark.parametrize("contacts", [[], [CONTACT] * (MAX_IMPORT + 1)])
def test_an_import_takes_1_to_500_contacts(contacts: list[Any]) -> None:
    answers = recorder()
    with pytest.raises(Refused):
        client(answers).import_contacts(contacts, SETTINGS)
    assert answers.requests == []


def test_failed_contacts_are_one_object_or_an_array(account: Account) -> None:
    bad: dict[str, Any] = {"channels": []}
    assert account.client().import_contacts([CONTACT, bad], SETTINGS).failed == (bad,)
    two = account.client().import_contacts([bad, {"firstName": "x"}], SETTINGS)
    assert two.failed == (bad, {"firstName": "x"})
    assert "x" not in repr(two)


def test_an_error_message_beside_200_is_a_failure_that_shows_no_text(account: Account) -> None:
    account.twin.options.error_message = f"{ANN} cannot be imported"
    with pytest.raises(Refused) as refused:
        account.client().import_contacts([CONTACT], SETTINGS)
    assert ANN not in str(refused.value)


def test_one_contact_may_be_worked_on_at_once(account: Account) -> None:
    assert account.client().import_contacts([CONTACT], SETTINGS).contact_id is None
    account.twin.options.single_import_id = True
    changed = {**CONTACT, "firstName": "Anna"}
    assert account.client().import_contacts([changed], SETTINGS).contact_id == account.contact()["id"]


def test_an_import_answered_in_plain_text_is_accepted() -> None:
    assert answering("Import was started").import_contacts([CONTACT], SETTINGS) == BulkResult(None, None, ())


@pytest.mark.parametrize("event_key", [None, "newContact"])
def test_an_import_whose_answer_was_lost_has_an_unknown_outcome(event_key: str | None, account: Account) -> None:
    account.twin.fail("drop_after")
    settings = Import("email", contact_fields=("firstName",), custom_field_ids=(), event_key=event_key)
    with pytest.raises(OutcomeUnknown):
        account.client().import_contacts([CONTACT], settings)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_lost_import_made_again_ends_as_one_contact(fault: str, account: Account) -> None:
    account.twin.options.duplicate_window = 0
    account.twin.fail(fault)
    with pytest.raises(OutcomeUnknown):
        account.client().import_contacts([CONTACT], SETTINGS)
    account.client().import_contacts([CONTACT], SETTINGS)
    assert account.contact()["firstName"] == "Ann"


def test_an_upload_ends_in_an_error_that_the_status_tells(account: Account) -> None:
    result = account.client().upload_contacts("ftp://example.com/contacts.csv", SETTINGS)
    assert account.client().import_status(str(result.session_id)) == ImportStatus("ERROR")


def waiting(states: list[Any], seconds: float) -> tuple[ImportStatus, list[float]]:
    """Wait for an import that shows these states, one after another; return the pauses too."""
    now, pauses, left = [0.0], [], iter(states)

    def sleep(pause: float) -> None:
        pauses.append(pause)
        now[0] += pause

    def answer(_: httpx.Request) -> httpx.Response:
        state = next(left)
        return httpx.Response(404) if state is None else httpx.Response(200, json={"status": state})

    deadline = Deadline.after(seconds, lambda: now[0])
    status = ESputnikBulkClient(http_answering(answer), CONNECTION, deadline).wait_for_import("s", sleep)
    return status, pauses


@pytest.mark.parametrize("end", ["FINISHED", "ERROR"])
def test_an_import_is_asked_for_ever_more_rarely_until_it_is_over(end: str) -> None:
    status, pauses = waiting([None, "STARTED", *["IMPORTING"] * 4, end], 1800)
    assert (status.state, status.over) == (end, True)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_the_wait_for_an_import_has_an_end_and_not_knowing_is_no_failure() -> None:
    assert waiting([None] * 9, 100) == (ImportStatus(None), [5, 10, 20, 40])
    assert answering("Import is running").import_status("s") == ImportStatus(None)


# Segments.


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"contact_ids": [], "external_ids": []},
        {"contact_ids": [1], "external_ids": ["crm-1"]},
        {"contact_ids": [1] * (MAX_MEMBERS + 1)},
        {"external_ids": ["x"] * (MAX_MEMBERS + 1)},
    ],
)
def test_an_empty_or_mixed_or_too_long_membership_is_refused_before_any_call(members: Any) -> None:
    answers = recorder()
    for change in (client(answers).attach_contacts, client(answers).detach_contacts):
        with pytest.raises(Refused):
            change(7, **members)
    assert answers.requests == []


def test_detaching_takes_out_the_named_and_nobody_else(account: Account) -> None:
    ids = [account.twin.seed({**CONTACT, "groups": ["All"]})["id"] for _ in range(3)]
    (segment,) = account.client().list_segments("all")
    account.client().detach_contacts(segment["id"], contact_ids=ids[:1])
    assert [row["id"] for row in account.client().segment_contacts(segment["id"])] == ids[1:]


@pytest.mark.parametrize("channel", [{"type": "email", "value": ANN}, {"type": "sms", "value": "15165550100"}])
def test_a_contact_is_erased_only_while_it_is_still_that_persons(channel: dict[str, str], account: Account) -> None:
    number = str(account.twin.seed({"channels": [channel]})["id"])
    theirs = {ANN, "+15165550100"}.__contains__
    connection = ESputnikConnection.of_secret("esputnik", account.twin.connection())
    for spec in SPECS.values():
        assert spec.erase is not None
        assert spec.erase(connection, account.http, soon(), number, lambda _: False) is False
    assert len(account.twin.contacts()) == 1
    assert [spec.erase and spec.erase(connection, account.http, soon(), number, theirs) for spec in SPECS.values()] == [
        True,
        False,
    ]


@pytest.mark.parametrize("write", [ESputnikBulkClient.subscribe, ESputnikBulkClient.add_contact])
def test_an_error_message_beside_success_is_a_refusal_of_single_writes_too(write: Any) -> None:
    with pytest.raises(Refused, match="reports a failure"):
        write(answering({"errorMessage": "no"}), {"contact": CONTACT})
