"""Which50 `upsert`, against its twin: each trap of the vendor's page is a sentence here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local.twins.which50.lists import ContactList, Field
from local.twins.which50.twin import Which50Twin
from shared.errors import (
    CredentialsMissing,
    Misconfigured,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from shared.forms.loading import FormBroken, parse_form
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import WriteResult
from shared.vendors.which50.bulk import Which50BulkClient
from shared.vendors.which50.client import Which50Client, Which50Connection
from shared.vendors.which50.list_fields import ListFields
from shared.vendors.which50.options import UpsertOptions
from shared.vendors.which50.upsert import Which50Upsert
from tests.support.vendor_fakes import action, http_answering, person_record, soon, task
from tests.vendors.recording import Recorder

ANN = "ann@example.com"
SECRET = {"base_url": "https://which50.example/Which50API", "headers": {"X-Api-Key": "key"}}
FIELDS = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "phone": "Mobile"}
SCHEMA = [{"Id": n, "Name": name, "ContactSchemaFieldValues": []} for n, name in enumerate(FIELDS.values())]


@pytest.fixture
def which50() -> Iterator[Which50Twin]:
    fields = (
        Field("Email", "Email"),
        Field("FirstName"),
        Field("LastName"),
        Field("Mobile", "Mobile"),
        Field("Country", default="IE"),
        Field("PracticeSize", choices=("1-5", "6-20"), retired=("21-50",)),
        Field("EmailConsent", choices=("true", "false")),
    )
    with Which50Twin(lists=[ContactList(fields=fields)]) as twin:
        yield twin


class Upserts:
    """Builds the action for one list, with a cache of its own."""

    def __init__(self, secret: dict[str, Any], http: VendorHttp) -> None:
        self._client = Which50Client(http, Which50Connection.of_secret("which50", secret), soon())
        self._list_fields = ListFields()

    def __call__(self, **options: Any) -> Which50Upsert:
        settings = UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, **options})
        return Which50Upsert(settings, self._client, self._list_fields)


@pytest.fixture
def upsert(which50: Which50Twin, http: VendorHttp) -> Upserts:
    return Upserts(which50.connection(), http)


def answered(write: httpx.Response, schema: Any = SCHEMA) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: write if request.method == "POST" else httpx.Response(200, json=schema)


def deliver_answered(write: httpx.Response, memory: PersonRecord, **options: Any) -> WriteResult:
    return Upserts(SECRET, http_answering(answered(write)))(**options).deliver(task(email=ANN), memory)


def writes(which50: Which50Twin) -> list[dict[str, Any]]:
    return [json.loads(entry.body)["Values"] for entry in which50.requests if entry.method == "POST"]


def values(which50: Which50Twin) -> list[dict[str, Any]]:
    return [contact["Values"] for contact in which50.contacts()]


# Matching


def test_match_is_always_sent_and_is_the_field_of_email_by_default(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(email=ANN), memory)
    assert which50.requests[-1].query == {"match": ["Email"]}


@pytest.mark.parametrize("match", [["Email", "Mobile"], "Email, Mobile"])
def test_several_match_fields_are_one_comma_list(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, match: object
) -> None:
    upsert(match=match).deliver(task(email=ANN, phone="+353871234567"), memory)
    assert which50.requests[-1].query == {"match": ["Email,Mobile"]}


def test_a_blank_match_value_is_never_sent(which50: Which50Twin, upsert: Upserts, memory: PersonRecord) -> None:
    which50.seed({"Values": {"Email": "", "FirstName": "Blank"}})
    with pytest.raises(Refused, match="blank"):
        upsert().deliver(task(first_name="Ann"), memory)
    assert values(which50)[0]["FirstName"] == "Blank"
    assert not which50.writes()


def test_without_every_matched_value_a_person_has_no_identity() -> None:
    options = UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, "match": ["Email", "Mobile"]})
    whole = task(email=ANN, phone="+353871234567").contact
    assert options.identity(whole) == {"email": ANN, "phone": "+353871234567"}
    assert options.identity(task(email=ANN).contact) == {}
    assert options.requires() == (frozenset({"email"}), frozenset({"phone"}))


@pytest.mark.parametrize("attribute", ["first_name", "last_name", "company", "city", "country", "birthday"])
def test_a_match_that_many_people_share_is_refused_when_the_form_loads(attribute: str) -> None:
    fields = {"email": "Email", attribute: "Shared"}
    with pytest.raises(ValueError, match="email, npi, phone"):
        UpsertOptions.model_validate({"contact_list_id": 3, "fields": fields, "match": "Shared"})


def test_a_match_field_that_nothing_fills_is_refused_when_the_form_loads() -> None:
    with pytest.raises(ValueError, match="match"):
        UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, "match": ["ReferanceAccountId"]})


def test_match_must_be_named_where_no_field_takes_the_email() -> None:
    with pytest.raises(ValueError, match="match"):
        UpsertOptions.model_validate({"contact_list_id": 3, "fields": {"phone": "Mobile"}})
    by_phone = UpsertOptions.model_validate({"contact_list_id": 3, "fields": {"phone": "Mobile"}, "match": "Mobile"})
    assert by_phone.requires() == (frozenset({"phone"}),)


@pytest.mark.parametrize("name", ["Email,Mobile", "", "Email\n"])
def test_a_name_that_a_comma_list_cannot_carry_is_refused(name: str) -> None:
    for options in ({"fields": {"email": name}}, {"custom_events": [name]}):
        with pytest.raises(ValueError, match="should"):
            UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, **options})


def test_every_fault_of_the_options_is_named_when_the_form_loads() -> None:
    form = """
        title = "T"
        [fields.first_name]
        type = "text"
        [[destinations]]
        name = "w50"
        vendor = "which50"
        action = "upsert"
        [destinations.options]
        contact_list_id = "3"
        fields = { email = "Email", first_name = "Email", nickname = "Nick" }
    """
    with pytest.raises(FormBroken) as caught:
        parse_form("signup", form)
    assert "contact_list_id" in str(caught.value)
    assert "not a contact attribute: nickname" in str(caught.value)


def test_two_attributes_never_fill_one_list_field() -> None:
    with pytest.raises(ValueError, match="same list field"):
        UpsertOptions.model_validate({"contact_list_id": 3, "fields": {"email": "Email", "company": "Email"}})


# Fields


def test_a_field_that_the_list_lacks_is_a_configuration_error_that_names_it(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    with pytest.raises(Misconfigured, match="contact list 3 has no field firstname"):
        upsert(fields={**FIELDS, "first_name": "firstname"}).deliver(task(email=ANN), memory)
    with pytest.raises(Misconfigured, match="no field Size"):
        upsert().deliver(task(email=ANN, custom={"Size": 5}), memory)
    assert not which50.writes()


def test_the_fields_of_a_list_are_read_once_for_many_sign_ups(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    for number in range(3):
        upsert().deliver(task(email=f"{number}@example.com"), person_record("which50"))
    assert [entry.path for entry in which50.requests].count("/Which50API/contactLists/3/fields") == 1


def test_the_fields_are_read_again_after_some_minutes(which50: Which50Twin, http: VendorHttp) -> None:
    now = [0.0]
    list_fields = ListFields(lambda: now[0])
    client = Which50BulkClient(http, Which50Connection.of_secret("which50", which50.connection()), soon())
    for at in (0.0, ListFields.SECONDS, ListFields.SECONDS + 1):
        now[0] = at
        list_fields.of(client, 3, {"Email"})
    assert len(which50.requests) == 2


def test_a_field_that_was_added_meanwhile_is_found_at_once(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(email=ANN), memory)
    which50.lists[3].fields = (*which50.lists[3].fields, Field("Size"))
    upsert().deliver(task(email=ANN, custom={"Size": 5}), memory)
    assert values(which50)[0]["Size"] == 5


def test_two_accounts_never_share_what_is_known_of_a_list() -> None:
    list_fields = ListFields()
    for key, name in (("a", "Email"), ("b", "Mail")):
        answer = answered(httpx.Response(200), [{"Name": name}])
        connection = Which50Connection.of_secret("which50", {**SECRET, "headers": {"X-Api-Key": key}})
        client = Which50BulkClient(http_answering(answer), connection, soon())
        assert list_fields.of(client, 3, {name}).keys() == {name}


def test_a_field_list_that_is_not_understood_is_no_reason_to_park_anybody(memory: PersonRecord) -> None:
    http = http_answering(lambda _: httpx.Response(200, json={"Message": "busy"}))
    with pytest.raises(Unavailable, match="status 200, answer not understood"):
        Upserts(SECRET, http)().deliver(task(email=ANN), memory)


@pytest.mark.parametrize("value", ["7-9", "21-50"])
def test_a_value_outside_the_fields_list_or_not_in_use_is_left_out_and_counted(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, value: str
) -> None:
    result = upsert().deliver(task(email=ANN, first_name="Ann", custom={"PracticeSize": value}), memory)
    assert result.left_out == ("PracticeSize",)
    assert writes(which50) == [{"Email": ANN, "FirstName": "Ann"}]


def test_a_value_goes_out_as_the_list_spells_it(memory: PersonRecord) -> None:
    choices = [{"Value": "True", "InUse": True}, {"Value": "False", "InUse": True}]
    schema = [*SCHEMA, {"Name": "Owner", "ContactSchemaFieldValues": choices}]
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answered(httpx.Response(200), schema)(request)

    Upserts(SECRET, http_answering(answer))().deliver(task(email=ANN, custom={"Owner": True}), memory)
    assert json.loads(sent[-1].content)["Values"]["Owner"] == "True"


def test_what_was_not_given_is_not_sent_so_nothing_is_blanked(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(email=ANN, city="Dublin"), memory)
    assert writes(which50) == [{"Email": ANN}]


def test_a_custom_field_never_replaces_a_mapped_value(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(email=ANN, custom={"Email": "other@example.com"}), memory)
    assert writes(which50) == [{"Email": ANN}]


@pytest.mark.parametrize(("phone_format", "sent"), [("digits", "353871234567"), ("e164", "+353871234567")])
def test_phones_go_out_as_digits_with_country_code_unless_configured(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, phone_format: str, sent: str
) -> None:
    upsert(phone_format=phone_format).deliver(task(email=ANN, phone="+353871234567"), memory)
    assert writes(which50)[0]["Mobile"] == sent


def test_the_list_in_the_body_is_the_list_in_the_path(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert().deliver(task(email=ANN), memory)
    assert json.loads(which50.requests[-1].body)["ListId"] == 3
    assert which50.requests[-1].path.endswith("/contactLists/3/contact")


# Consent


@pytest.mark.parametrize("key", ['"consent.email" = "EmailConsent"', 'consent.email = "EmailConsent"'])
def test_a_granted_consent_sets_its_field_however_the_key_is_written(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, key: str
) -> None:
    fields = {**FIELDS, **tomllib.loads(key)}
    upsert(fields=fields).deliver(task(email=ANN, channels=["email"]), memory)
    assert writes(which50)[0]["EmailConsent"] == "true"


def _with_default(which50: Which50Twin, default: str) -> None:
    field = Field("EmailConsent", default=default, choices=("true", "false"))
    which50.lists[3].fields = (*which50.lists[3].fields[:-1], field)


def test_a_list_whose_default_consents_for_people_is_a_configuration_error(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    _with_default(which50, "true")
    with pytest.raises(Misconfigured, match="the default of list field EmailConsent may grant consent"):
        upsert(fields={**FIELDS, "consent.email": "EmailConsent"}).deliver(task(email=ANN), memory)
    assert not which50.writes()


def test_a_default_that_consents_matters_only_to_new_people_without_consent(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    _with_default(which50, "true")
    careful = upsert(fields={**FIELDS, "consent.email": "EmailConsent"})
    careful.deliver(task(email=ANN, channels=["email"]), memory)
    careful.deliver(task(email=ANN, first_name="Ann"), memory)
    assert values(which50)[0]["FirstName"] == "Ann"
    upsert(fields={**FIELDS, "consent.email": "EmailConsent"}, accept_default_consent=True).deliver(
        task(email="bob@example.com"), person_record("which50")
    )
    assert len(which50.contacts()) == 2


@pytest.mark.parametrize("default", ["", "0", "false", "No"])
def test_a_default_that_says_no_harms_nobody(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, default: str
) -> None:
    _with_default(which50, default)
    upsert(fields={**FIELDS, "consent.email": "EmailConsent"}).deliver(task(email=ANN), memory)
    assert len(which50.contacts()) == 1


def test_each_channel_is_granted_in_the_words_of_its_own_field(memory: PersonRecord) -> None:
    sent = Recorder({})
    fields = {"email": "Email", "consent.email": "News", "consent.sms": "Texts", "consent.call": "Calls"}
    options = {"fields": fields, "verify_fields": False, "consent_value": {"email": "Yes", "sms": 1}}
    upsert = action("which50", "upsert", SECRET, sent.http, contact_list_id=3, **options)

    upsert.deliver(task(email=ANN, channels=["email", "sms", "call"]), memory)

    assert sent.requests[0]["body"]["Values"] == {"Email": ANN, "News": "Yes", "Texts": 1, "Calls": True}


def test_a_consent_value_that_the_field_does_not_take_is_a_configuration_error(
    upsert: Upserts, memory: PersonRecord
) -> None:
    consenting = upsert(fields={**FIELDS, "consent.email": "EmailConsent"}, consent_value="Yes")
    with pytest.raises(Misconfigured, match="EmailConsent has no such value"):
        consenting.deliver(task(email=ANN, channels=["email"]), memory)


def test_there_is_no_consent_field_for_an_unknown_channel() -> None:
    with pytest.raises(ValueError, match=r"consent\.fax"):
        UpsertOptions.model_validate({"contact_list_id": 3, "fields": {**FIELDS, "consent": {"fax": "Fax"}}})


# Answers


def test_a_417_is_a_refusal_and_no_retry_mends_it(which50: Which50Twin, upsert: Upserts, memory: PersonRecord) -> None:
    which50.fail("status", method="POST", status=417)
    with pytest.raises(Refused) as caught:
        upsert().deliver(task(email=ANN), memory)
    assert caught.value.status == 417


def test_the_expect_header_is_never_sent(which50: Which50Twin, upsert: Upserts, memory: PersonRecord) -> None:
    upsert().deliver(task(email=ANN), memory)
    assert all("expect" not in entry.headers for entry in which50.requests)


def test_an_unknown_list_is_a_configuration_error_that_names_it(upsert: Upserts, memory: PersonRecord) -> None:
    with pytest.raises(Misconfigured, match="there is no contact list 99"):
        upsert(contact_list_id=99).deliver(task(email=ANN), memory)


def test_validation_warnings_are_counted_along_with_success(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    result = upsert().deliver(task(email=ANN, phone="+35"), memory)
    assert result.warnings == 1
    assert memory.contact_id == which50.contacts()[0]["EncContactId"]


@pytest.mark.parametrize("answer", ["contact", "empty"])
def test_an_empty_answer_is_success_too(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord, answer: str
) -> None:
    which50.options.change({"write_answer": answer})
    assert upsert().deliver(task(email=ANN), memory) == WriteResult()
    assert len(which50.contacts()) == 1


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(200, json=None), httpx.Response(200, json=[1]), httpx.Response(200, json={"EncContactId": None})],
)
def test_any_json_answer_is_success(answer: httpx.Response, memory: PersonRecord) -> None:
    assert deliver_answered(answer, memory) == WriteResult()
    assert memory.contact_id is None


def test_a_sentence_that_is_no_json_proves_no_write(memory: PersonRecord) -> None:
    with pytest.raises(OutcomeUnknown):
        deliver_answered(httpx.Response(200, text="Down for maintenance"), memory)


def test_a_flow_never_patches_and_never_puts_a_person_into_a_url(
    which50: Which50Twin, upsert: Upserts, memory: PersonRecord
) -> None:
    upsert(custom_events=["Welcome"]).deliver(task(email=ANN, phone="+353871234567", first_name="Ann"), memory)
    assert {entry.method for entry in which50.requests} == {"GET", "POST"}
    assert all(ANN not in f"{entry.path}{entry.query}" for entry in which50.requests)


# Credentials


def test_without_a_way_in_a_connection_is_refused_before_any_call() -> None:
    base_url = {"base_url": "https://which50.example"}
    for secret in (base_url, {**base_url, "headers": {}}, {**base_url, "username": "relay"}):
        with pytest.raises(CredentialsMissing, match="headers, or username and password"):
            Which50Connection.of_secret("which50", secret)


def test_user_name_and_password_are_basic_authentication(which50: Which50Twin, http: VendorHttp) -> None:
    secret = {"base_url": which50.connection()["base_url"], "username": which50.username, "password": which50.password}
    Upserts(secret, http)().deliver(task(email=ANN), person_record("which50"))
    assert len(which50.contacts()) == 1


@pytest.mark.parametrize("name", ["X_Api.Key", "x-key!", "X~Key"])
def test_every_name_that_a_header_may_have_is_taken(name: str) -> None:
    connection = Which50Connection.of_secret("which50", {**SECRET, "headers": {name: "k"}})
    assert connection.authentication == {name: "k"}


@pytest.mark.parametrize("headers", [{"X Key": "k"}, {"X-Key": "k\r\nHost: evil"}, {"X-Key": ""}, {"": "k"}])
def test_a_header_that_could_forge_another_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CredentialsMissing, match="headers"):
        Which50Connection.of_secret("which50", {**SECRET, "headers": headers})
