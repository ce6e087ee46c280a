"""What holds for the live check of every vendor, whatever the vendor answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from local.twins import TWINS
from shared.http.vendor_http import VendorHttp
from shared.vendors.live_check import Finding, live_check_of
from shared.vendors.registry import ACTIONS, VENDORS
from tests.support.live_checks import live_check
from tests.support.vendor_fakes import http_answering

OPTIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("pulse", "upsert"): {"source": 7},
    ("pulse", "submit_form"): {"form_uuid": "5b7a3c52-0c1e-4a52-9d7e-2f4f6f0f6a01"},
    ("which50", "upsert"): {"contact_list_id": 3, "fields": {"email": "Email", "consent.email": "EmailConsent"}},
    ("higherlogic", "upsert"): {"lists": [{"id": "L1", "name": "News"}]},
    ("esputnik", "subscribe"): {"groups": ["News"], "subscriptions": ["News"]},
    ("esputnik", "upsert"): {"groups": ["News"]},
    ("whautomate", "upsert"): {"location_id": "66f0c0ffee00000000000001", "tags": ["News"]},
}
CONTACTS: dict[str, dict[str, Any]] = {
    "pulse": {"firstName": "Secretia", "emails": [{"emailAddress": "secretia@example.org"}]},
    "esputnik": {"firstName": "Secretia", "channels": [{"type": "email", "value": "secretia@example.org"}]},
    "whautomate": {"name": "Secretia", "phoneNumber": "+12025550143"},
}
CUSTOM: dict[str, tuple[str | int, ...]] = {"esputnik": (12,)}
ODD: list[Any] = [None, "fine", 7, [], {}, [1], [None], {"items": 1}, {"items": [1]}, [{}], {"id": {}}, [{"id": []}]]
every_action = pytest.mark.parametrize(("vendor", "action"), list(OPTIONS))


def found_at(vendor: str, action: str, secret: dict[str, Any], http: VendorHttp) -> list[Finding]:
    custom = CUSTOM.get(vendor, ("topic",))
    return live_check(vendor, action, secret, http, custom_fields=custom, **OPTIONS[vendor, action])


def secret_of(vendor: str) -> dict[str, Any]:
    with TWINS[vendor]() as twin:
        return twin.connection()


def test_every_registered_vendor_has_a_check_and_every_action_is_tried_here() -> None:
    assert all(live_check_of(vendor) for vendor in VENDORS)
    assert set(OPTIONS) == set(ACTIONS), "OPTIONS, above, takes a line for each action"


@pytest.mark.parametrize(("vendor", "action"), [("pulse", "upsert"), ("esputnik", "upsert"), ("whautomate", "upsert")])
def test_a_search_for_everybody_that_is_refused_says_nothing_against_deliveries(vendor: str, action: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        is_for_somebody = any("5550100" in value or "check@" in value for value in request.url.params.values())
        return httpx.Response(200 if is_for_somebody else 400, json=[])

    found = found_at(vendor, action, secret_of(vendor), http_answering(answer))

    assert [finding.text for finding in found if finding.about == "search answer"] == [
        "the vendor refused the call (status 400)"
    ]
    assert [finding.result for finding in found if finding.about == "search"] == ["fits"]


def test_a_vendor_without_a_check_has_none() -> None:
    assert live_check_of("nobody") is None


@every_action
def test_a_check_only_reads_and_never_tells_a_contacts_value(vendor: str, action: str, http: VendorHttp) -> None:
    with TWINS[vendor]() as twin:
        if vendor in CONTACTS:
            twin.seed(CONTACTS[vendor])

        found = found_at(vendor, action, twin.connection(), http)

        assert found
        assert {entry.method for entry in twin.requests} <= {"GET"}
        assert not twin.writes()
    everything = " ".join(f"{finding.about} {finding.text}" for finding in found).casefold()
    assert "secretia" not in everything
    assert "2025550143" not in everything


@every_action
@pytest.mark.parametrize("body", ODD)
def test_no_answer_of_whatever_shape_breaks_a_check(vendor: str, action: str, body: Any) -> None:
    http = http_answering(lambda request: httpx.Response(200, json=body))

    found = found_at(vendor, action, secret_of(vendor), http)

    assert all(finding.text for finding in found)


@every_action
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, json={"message": "Forbidden"}),
        httpx.Response(404, html="<html>Not here</html>"),
        httpx.Response(200, html="<html>Please log in</html>"),
        httpx.Response(302, headers={"Location": "https://example.com/docs"}),
        httpx.Response(500, json={"message": "Error"}),
    ],
    ids=["403", "404-page", "200-page", "redirect", "500"],
)
def test_nothing_is_said_to_fit_where_no_call_works(vendor: str, action: str, answer: httpx.Response) -> None:
    found = found_at(vendor, action, secret_of(vendor), http_answering(lambda request: answer))

    assert {finding.result for finding in found} <= {"wrong", "untried"}


@pytest.mark.parametrize(
    ("vendor", "action"), [("pulse", "upsert"), ("which50", "upsert"), ("esputnik", "upsert"), ("whautomate", "upsert")]
)
def test_a_call_that_deliveries_make_and_that_is_refused_is_wrong(vendor: str, action: str) -> None:
    http = http_answering(lambda request: httpx.Response(403, json={"message": "Forbidden"}))

    found = found_at(vendor, action, secret_of(vendor), http)

    [wrong, *_] = [finding for finding in found if finding.result == "wrong"]
    assert wrong.text == "deliveries would fail here: the credentials may not make the call (status 403)"
