from __future__ import annotations

from typing import Any

import httpx
import pytest

from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import Finding
from tests.support.live_checks import live_check, told
from tests.support.vendor_fakes import http_answering

SECRET = {"base_url": "https://api.example.com", "api_key": "key"}


def checked(twin: WhautomateTwin, http: VendorHttp, **settings: Any) -> list[Finding]:
    return live_check("whautomate", "upsert", twin.connection(), http, **{"location_id": LOCATION_ID, **settings})


def test_a_location_of_the_account_fits(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    assert told(checked(whautomate, http), "location_id") == "fits: the account has this location"


def test_another_location_is_wrong_and_the_accounts_own_are_told(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    found = checked(whautomate, http, location_id="66f0")

    assert told(found, "location_id") == f'wrong: the account has no such location; it has "{LOCATION_ID} Main street"'


def test_a_tag_that_the_account_lacks_is_noted(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    found = checked(whautomate, http, tags=["Newsletter", "Newsletters"])

    assert told(found, "tags").splitlines() == [
        "fits: the account has the tag Newsletter",
        "note: the account has no tag Newsletters: whether a first use makes it is not documented",
    ]


def test_custom_fields_are_looked_for_on_contacts(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    whautomate.seed({"name": "Ann", "phoneNumber": "+12025550143", "customFields": {"mail": "ann@example.com"}})

    found = checked(whautomate, http, email_custom_field="mail", custom_fields=["size"])

    assert told(found, "email_custom_field") == "fits: contacts have mail"
    assert told(found, "custom_fields").startswith("untried: no call lists the account's fields")


@pytest.mark.parametrize("contact", [{"id": "1", "phone": "+12025550143"}, {"phoneNumber": "+12025550143"}])
def test_contacts_that_show_no_id_or_number_are_wrong(contact: dict[str, Any]) -> None:
    http = http_answering(lambda request: httpx.Response(200, json=[contact]))

    found = live_check("whautomate", "upsert", SECRET, http, location_id=LOCATION_ID)

    assert told(found, "contact").startswith("wrong: contacts do not show")


def test_a_list_that_is_not_there_is_untried(whautomate: WhautomateTwin, http: VendorHttp) -> None:
    whautomate.fail("status", status=404, path="(locations|contactTags)", count=None)

    found = checked(whautomate, http, tags=["Newsletter"])

    assert told(found, "location_id") == "untried: the call does not exist here (status 404)"
    assert told(found, "tags") == "untried: the call does not exist here (status 404)"
