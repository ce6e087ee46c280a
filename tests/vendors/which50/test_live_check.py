from __future__ import annotations

from typing import Any

import httpx
import pytest

from local.twins.which50.lists import FIELDS, ContactList, Field
from local.twins.which50.twin import Which50Twin
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import Finding
from tests.support.live_checks import live_check, told
from tests.support.vendor_fakes import http_answering

SECRET = {"base_url": "https://which50.example.com", "headers": {"X-Key": "key"}}


def checked(http: VendorHttp, *fields: Field, **options: Any) -> list[Finding]:
    """Check a delivery into list 3, which has these fields beside Email."""
    with Which50Twin(lists=[ContactList(fields=(Field("Email"), *fields))]) as twin:
        settings = {"contact_list_id": 3, "fields": {"email": "Email"}, **options}
        return live_check("which50", "upsert", twin.connection(), http, **settings)


def consented(http: VendorHttp, default: str, **options: Any) -> str:
    """Return what is found about a consent field with this default."""
    fields = {"email": "Email", "consent.email": "News"}
    return told(checked(http, Field("News", default=default), fields=fields, **options), "fields.consent.email")


def test_a_list_with_all_its_fields_fits(http: VendorHttp) -> None:
    assert told(checked(http), "fields") == "fits: the list has every field that the form file names"


def test_a_list_that_is_not_there_is_wrong_and_those_that_are_there_are_told(http: VendorHttp) -> None:
    found = told(checked(http, contact_list_id=4), "contact_list_id")

    assert found == 'wrong: there is no contact list 4; there are "3 Newsletter"'


def test_a_field_that_the_list_lacks_is_wrong_and_the_near_one_is_told(http: VendorHttp) -> None:
    found = checked(http, Field("FirstName"), fields={"email": "Email", "first_name": "Firstname"}, custom_fields=["X"])

    assert told(found, "fields.first_name") == 'wrong: the list has no field Firstname; did you mean "FirstName"?'
    assert told(found, "custom_fields") == 'wrong: the list has no field X; it has "Email", "FirstName"'
    assert not told(found, "fields")


def test_a_default_that_grants_consent_is_wrong(http: VendorHttp) -> None:
    assert consented(http, "True").startswith('wrong: list field News has the default "True"')


def test_a_default_that_grants_consent_is_only_noted_where_everybody_gives_it(http: VendorHttp) -> None:
    assert consented(http, "True", granted=frozenset({"sms"})).startswith("wrong: ")
    assert consented(http, "True", granted=frozenset({"email"})).startswith("note: ")


def test_a_field_that_would_say_yes_for_everybody_is_told_where_the_form_file_does_not_name_it(
    http: VendorHttp,
) -> None:
    found = checked(http, Field("News", default="true"), Field("Country", default="IE"))

    (line,) = [line for line in told(found, "fields").splitlines() if line.startswith("note: ")]
    assert line.startswith('note: list field News says "true" for everybody new')
    assert line.endswith('like consent.email = "News"')


def test_a_default_that_says_no_fits(http: VendorHttp) -> None:
    assert consented(http, "False").startswith("fits: ")
    assert consented(http, "").startswith("fits: ")
    assert consented(http, "pas encore", no_values=["pas encore"]).startswith("fits: ")


def test_a_default_that_was_accepted_is_noted(http: VendorHttp) -> None:
    assert consented(http, "True", accept_default_consent=True).startswith('note: list field News says "True"')


def test_an_opt_out_field_whose_default_lets_mail_through_is_wrong(http: VendorHttp) -> None:
    assert consented(http, "False", consent_value=False).startswith("wrong: ")


def test_a_consent_value_that_the_list_does_not_take_is_wrong(http: VendorHttp) -> None:
    fields = {"email": "Email", "consent.email": "News"}

    found = checked(http, Field("News", choices=("Yes", "No")), fields=fields)

    assert told(found, "consent_value") == 'wrong: list field News does not take it; it takes "Yes", "No"'


def test_options_of_the_form_that_the_list_does_not_take_are_told(http: VendorHttp) -> None:
    size = next(field for field in FIELDS if field.name == "PracticeSize")
    values = {"custom.PracticeSize": ("1-5", "21-50")}

    dropped = checked(http, size, custom_fields=["PracticeSize"], values=values)
    sent = checked(http, size, custom_fields=["PracticeSize"], values=values, unlisted_values="send")

    assert (
        told(dropped, "unlisted_values")
        == 'wrong: list field PracticeSize does not list "21-50": left out of deliveries'
    )
    assert told(sent, "unlisted_values").startswith("note: ")


def test_without_verify_fields_a_list_that_cannot_be_read_is_untried() -> None:
    http = http_answering(lambda request: httpx.Response(403, json={}))

    found = live_check(
        "which50", "upsert", SECRET, http, contact_list_id=3, fields={"email": "Email"}, verify_fields=False
    )

    assert told(found, "contact_list_id") == "untried: the credentials may not make the call (status 403)"


@pytest.mark.parametrize("about", ["custom_events", "phone_format", "match"])
def test_what_no_call_tells_is_untried(about: str, http: VendorHttp) -> None:
    fields = {"email": "Email", "phone": "Mobile"}

    found = checked(http, Field("Mobile"), fields=fields, custom_events=["Welcome"])

    assert told(found, about).startswith("untried: ")
