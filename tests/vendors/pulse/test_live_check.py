from __future__ import annotations

from typing import Any

import httpx
import pytest

from local.twins.pulse.twin import FORM_UUID, PulseOptions, PulseTwin
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import Finding
from tests.support.live_checks import live_check, told
from tests.support.vendor_fakes import http_answering

SECRET = {"base_url": "https://pulse.example.com", "account_id": "account", "api_token": "token"}
ANN: dict[str, Any] = {"id": 1, "emails": [{"id": 2, "emailAddress": "ann@example.com", "isSubscribed": True}]}


def searched(body: Any, **options: Any) -> list[Finding]:
    """Check an upsert against an account whose every search answers this."""
    http = http_answering(lambda request: httpx.Response(200, json=body))
    return live_check("pulse", "upsert", SECRET, http, source=7, **options)


def test_a_form_that_the_account_has_fits(pulse: PulseTwin, http: VendorHttp) -> None:
    found = live_check("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID.upper())

    assert told(found, "form_uuid") == "fits: the account has this form"


def test_a_form_that_the_account_lacks_is_wrong_and_those_it_has_are_told(pulse: PulseTwin, http: VendorHttp) -> None:
    found = live_check("pulse", "submit_form", pulse.connection(), http, form_uuid="00000000-0000")

    assert told(found, "form_uuid") == f'wrong: the account has no such form; it has "{FORM_UUID} Form {FORM_UUID[:4]}"'


def test_what_no_call_tells_is_untried(pulse: PulseTwin, http: VendorHttp) -> None:
    found = live_check("pulse", "upsert", pulse.connection(), http, source=7, custom_fields=["topic"])

    assert {finding.about for finding in found if finding.result == "untried"} == {
        "source",
        "update",
        "answers",
        "custom_fields",
    }


@pytest.mark.parametrize("wrapper", ["items", "data", "contacts", "bare"])
def test_a_search_answer_that_is_understood_fits_and_its_shape_is_told(wrapper: Any, http: VendorHttp) -> None:
    with PulseTwin(PulseOptions(wrapper=wrapper)) as twin:
        twin.seed({"emails": [{"emailAddress": "ann@example.com"}], "customFields": {"topic": "news"}})

        found = live_check("pulse", "upsert", twin.connection(), http, source=7, custom_fields=["topic"])

    assert told(found, "answers") == "fits: hits show their ids and e-mail addresses"
    assert told(found, "custom_fields") == "fits: contacts have topic"
    assert "emailAddress: text" in told(found, "search answer")
    assert told(found, "search").startswith("fits: ")


def test_an_unknown_shape_is_wrong_and_shown(pulse: PulseTwin) -> None:
    found = searched({"found": {"people": [ANN]}})

    assert told(found, "search answer").startswith("note: {found: {people: [{id: number, emails: [{id: number")
    assert told(found, "answers").startswith("wrong: the search answers in a shape that is not known")


def test_a_path_that_names_the_shape_mends_it() -> None:
    found = searched({"found": {"people": [ANN]}}, answers={"contacts": "found.people"})

    assert told(found, "answers") == "fits: hits show their ids and e-mail addresses"


@pytest.mark.parametrize(
    ("hit", "complaint"),
    [
        ({"emails": ANN["emails"]}, "a hit has no id"),
        ({"id": 1, "mail": "ann@example.com"}, "no hit shows an e-mail address"),
        ({"id": 1, "emails": [{"emailAddress": "ann@example.com"}]}, "an e-mail shows no id of its own"),
    ],
)
def test_a_hit_that_lacks_what_deliveries_need_is_wrong(hit: dict[str, Any], complaint: str) -> None:
    assert f"wrong: {complaint}" in told(searched({"items": [hit], "total": 1}), "answers")


def test_a_search_that_shows_everybody_for_nobody_would_park_new_people() -> None:
    crowd = [{**ANN, "id": number} for number in range(10)]

    found = searched({"items": crowd})

    assert told(found, "search") == "wrong: deliveries would fail here: more near misses than can be looked through"


def test_a_404_from_the_search_is_nobody(http: VendorHttp) -> None:
    with PulseTwin(PulseOptions(not_found="missing")) as twin:
        found = live_check("pulse", "upsert", twin.connection(), http, source=7)

    assert told(found, "search").startswith("fits: ")
    assert not [finding for finding in found if finding.result == "wrong"]
