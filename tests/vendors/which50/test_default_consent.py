"""Which50 fills an absent consent with the field's default: nobody must be subscribed by their silence."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from shared.errors import Misconfigured, Refused
from shared.vendors.which50.default_consent import grants_by_default
from tests.support.vendor_fakes import http_answering, person_record, task
from tests.vendors.which50.test_upsert import ANN, FIELDS, SECRET, Upserts


def list_with(default: str, **options: Any) -> Any:
    """Return the action for a list whose consent field has this default."""
    schema = [{"Name": name} for name in FIELDS.values()] + [{"Name": "Consent", "DefaultValue": default}]
    http = http_answering(lambda request: httpx.Response(200, json=schema if request.method == "GET" else {}))
    return Upserts(SECRET, http)(fields={**FIELDS, "consent.email": "Consent"}, **options)


@pytest.mark.parametrize(
    ("default", "consent_value"),
    [
        ("true", True),
        ("Yes", True),
        ("1", True),
        ("Subscribed", True),
        ("perhaps", True),
        ("False", False),
        ("0", False),
        ("perhaps", False),
        ("weekly", "Weekly"),
        ("yes", "weekly"),
    ],
)
def test_a_default_that_says_what_consent_says_subscribes_nobody(default: str, consent_value: Any) -> None:
    with pytest.raises(Misconfigured, match="list field Consent may grant consent"):
        list_with(default, consent_value=consent_value).deliver(task(email=ANN), person_record("which50"))


@pytest.mark.parametrize(
    ("default", "consent_value"),
    [
        ("", True),
        ("None", True),
        ("N/A", True),
        ("Opt-out", True),
        ("unsubscribed", "Subscribed"),
        ("True", False),
        ("", False),
        ("never", "weekly"),
        ("monthly", "weekly"),
    ],
)
def test_a_default_that_says_no_costs_no_sign_up(default: str, consent_value: Any) -> None:
    list_with(default, consent_value=consent_value).deliver(task(email=ANN), person_record("which50"))


def test_a_form_file_can_say_what_its_list_means_by_no() -> None:
    with pytest.raises(Misconfigured):
        list_with("Pas encore").deliver(task(email=ANN), person_record("which50"))
    list_with("Pas encore", no_values=["pas encore"]).deliver(task(email=ANN), person_record("which50"))


def test_a_value_for_no_beats_every_word() -> None:
    assert not grants_by_default("yes", True, ["YES"])


def test_without_reading_the_fields_values_are_sent_as_they_are() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    upsert = Upserts(SECRET, http_answering(answer))(verify_fields=False)
    upsert.deliver(task(email=ANN, custom={"Unknown": 5.0}), person_record("which50"))
    assert [request.method for request in sent] == ["POST"]
    assert b'"Unknown":5,' in sent[0].content


@pytest.mark.parametrize(("unlisted", "sent", "left_out"), [("drop", False, ("City",)), ("send", True, ())])
def test_a_new_value_is_sent_where_the_list_is_open(unlisted: str, sent: bool, left_out: tuple[str, ...]) -> None:
    schema = [{"Name": name} for name in FIELDS.values()]
    schema.append({"Name": "City", "ContactSchemaFieldValues": [{"Value": "Dublin"}]})  # type: ignore[dict-item]
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200, json=schema if request.method == "GET" else {})

    upsert = Upserts(SECRET, http_answering(answer))(unlisted_values=unlisted)
    assert upsert.deliver(task(email=ANN, custom={"City": "Cork"}), person_record("which50")).left_out == left_out
    assert (b"Cork" in bodies[-1]) is sent


@pytest.mark.parametrize("value", [5, 5.0, "5"])
def test_a_whole_number_is_the_value_that_the_list_holds(value: Any) -> None:
    schema = [{"Name": name} for name in FIELDS.values()]
    schema.append({"Name": "Beds", "ContactSchemaFieldValues": [{"Value": "5"}]})  # type: ignore[dict-item]
    http = http_answering(lambda request: httpx.Response(200, json=schema if request.method == "GET" else {}))
    assert (
        Upserts(SECRET, http)().deliver(task(email=ANN, custom={"Beds": value}), person_record("which50")).left_out
        == ()
    )


@pytest.mark.parametrize(
    "body",
    [
        {"IsSuccessStatusCode": False, "StatusCode": 417},
        {"Message": "An error has occurred."},
        {"Success": False},
        {"Errors": ["Email is invalid"]},
    ],
)
def test_a_failure_inside_a_200_loses_no_sign_up(body: Any) -> None:
    schema = [{"Name": name} for name in FIELDS.values()]
    http = http_answering(lambda request: httpx.Response(200, json=schema if request.method == "GET" else body))
    memory = person_record("which50")
    with pytest.raises(Refused, match="reports a failure"):
        Upserts(SECRET, http)().deliver(task(email=ANN), memory)
    assert memory == person_record("which50")


def test_an_attribute_that_no_list_field_takes_is_counted() -> None:
    result = list_with("").deliver(task(email=ANN, specialty="Oncology"), person_record("which50"))
    assert result.left_out == ("specialty",)


@pytest.mark.parametrize("is_there", [True, False])
def test_who_was_deleted_at_the_vendor_is_not_made_again_with_the_consent_of_a_default(is_there: bool) -> None:
    schema = [{"Name": name} for name in FIELDS.values()] + [{"Name": "Consent", "DefaultValue": "true"}]
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        if "/contacts/" in request.url.path:
            return httpx.Response(200 if is_there else 404, json={"EncContactId": "x"})
        return httpx.Response(200, json=schema if request.method == "GET" else {"EncContactId": "x"})

    upsert = Upserts(SECRET, http_answering(answer))(fields={**FIELDS, "consent.email": "Consent"})
    record = person_record("which50")
    upsert.deliver(task(email=ANN, channels=["email"]), record)
    assert record.contact_id == "x"
    if is_there:
        upsert.deliver(task(email=ANN), record)
    else:
        with pytest.raises(Misconfigured, match="list field Consent may grant consent"):
            upsert.deliver(task(email=ANN), record)
    assert sent.count("POST") == 1 + is_there
