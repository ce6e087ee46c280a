from __future__ import annotations

from typing import Any

import httpx

from local.twins.esputnik.twin import EsputnikTwin
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import Finding
from tests.support.live_checks import live_check, told
from tests.support.vendor_fakes import http_answering

SECRET = {"base_url": "https://esputnik.example.com/api", "api_key": "key"}


def with_fields(*fields: dict[str, Any], **settings: Any) -> list[Finding]:
    """Check a delivery into an account with these custom fields."""

    def answer(request: httpx.Request) -> httpx.Response:
        books = {"addressBook": {"fieldGroups": [{"name": "Own", "fields": list(fields)}]}}
        return httpx.Response(200, json=books if "addressbooks" in request.url.path else [])

    return live_check("esputnik", "upsert", SECRET, http_answering(answer), **settings)


def test_a_segment_that_is_there_fits_and_a_new_one_is_noted(esputnik: EsputnikTwin, http: VendorHttp) -> None:
    esputnik.seed({"channels": [{"type": "email", "value": "ann@example.com"}], "groups": ["News", "Newspapers"]})

    found = live_check("esputnik", "upsert", esputnik.connection(), http, groups=["News", "New"])

    assert told(found, "groups").splitlines() == [
        "fits: the account has the segment News",
        "note: there is no segment New yet: the first sign-up makes it; check the spelling",
    ]


def test_a_segment_that_nobody_can_be_put_into_is_wrong(esputnik: EsputnikTwin, http: VendorHttp) -> None:
    esputnik.seed({"channels": [{"type": "email", "value": "ann@example.com"}], "groups": ["Buyers"]})
    for segment in esputnik.book.segments.values():
        segment["type"] = "Dynamic"

    found = live_check("esputnik", "upsert", esputnik.connection(), http, groups=["Buyers"])

    assert told(found, "groups") == 'wrong: Buyers is a segment of type "Dynamic", which takes no contacts from outside'


def test_a_custom_field_that_the_account_lacks_is_wrong(esputnik: EsputnikTwin, http: VendorHttp) -> None:
    mail = {"type": "email", "value": "ann@example.com"}
    esputnik.seed({"channels": [mail], "fields": [{"id": 12, "value": "x"}]})

    found = live_check("esputnik", "subscribe", esputnik.connection(), http, custom_fields=[12, 13])

    assert told(found, "custom_fields").splitlines() == [
        "fits: the account has field 12",
        'wrong: the account has no field 13; it has "12 Field 12"',
    ]


def test_what_a_custom_field_does_not_take_is_wrong() -> None:
    allowed = {"allowedValues": {"possibleValues": ["small", "large"]}}

    found = with_fields(
        {"id": 12, "description": {"readonly": True}},
        {"id": 13, "description": allowed},
        {"id": 14, "description": allowed},
        custom_fields=[12, 13, 14],
        values={"custom.13": ("small", "huge"), "custom.14": ("large",)},
    )

    assert told(found, "custom_fields").splitlines() == [
        "wrong: field 12 cannot be written",
        'wrong: field 13 does not allow "huge"',
        "fits: the account has field 14",
    ]


def test_fields_in_an_unknown_shape_are_untried_and_their_shape_told() -> None:
    http = http_answering(lambda request: httpx.Response(200, json={"books": [{"id": 1}]}))

    found = live_check("esputnik", "subscribe", SECRET, http, custom_fields=[12])

    assert told(found, "custom_fields").endswith("a shape that is not known: {books: [{id: number}]}")


def test_an_account_without_fields_of_its_own_is_told_as_such() -> None:
    assert told(with_fields(custom_fields=[12]), "custom_fields").endswith("the account shows no field of its own")


def test_a_contact_without_readable_channels_is_wrong(http: VendorHttp) -> None:
    contact = {"id": 5, "emails": ["ann@example.com"]}
    odd = http_answering(
        lambda request: httpx.Response(200, json=[contact] if request.url.path.endswith("contacts") else contact)
    )

    found = live_check("esputnik", "upsert", SECRET, odd)

    assert "wrong: it does not show its channels, so nobody would be recognised" in told(found, "contact")


def test_a_contact_that_shows_its_channels_fits(esputnik: EsputnikTwin, http: VendorHttp) -> None:
    esputnik.seed({"channels": [{"type": "email", "value": "ann@example.com"}]})

    found = live_check("esputnik", "upsert", esputnik.connection(), http)

    assert "fits: it shows its channels" in told(found, "contact")
    assert told(found, "search") == "fits: an address that nobody has finds nobody"


def test_a_subscription_needs_no_search_so_a_refused_one_is_untried() -> None:
    http = http_answering(lambda request: httpx.Response(403, json={}))

    found = live_check("esputnik", "subscribe", SECRET, http, form_type="site", subscriptions=["News"])

    assert {finding.result for finding in found} == {"untried"}
    assert {finding.about for finding in found} == {"search answer", "search", "form_type", "subscriptions"}
