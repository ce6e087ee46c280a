"""Behind a proxy and a custom domain: whose address counts, and which paths are ours."""

from __future__ import annotations

import pytest

from tests.functional.submit.form_texts import newsletter
from tests.support.relay import Answer, Relay, event

EDGE = "203.0.113.7"
KEY = "the proxy's own secret"
HEADER = "cloudfront-viewer-address"


@pytest.fixture(autouse=True)
def form(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", "CloudFront-Viewer-Address")
    relay.form("newsletter", newsletter('dedupe_seconds = 0\nrate_limit = "1/hour"'))
    relay.twin("pulse", "pulse-us")
    relay.secret("proxy", {"value": KEY})


def sign_up(relay: Relay, address: str | None, key: str | None = KEY, header: str = HEADER) -> Answer:
    headers = {header: address, "x-relay-proxy": key}
    return relay.post("newsletter", {"email": "ada@example.com"}, headers=headers, ip=EDGE)


def are_one_caller(first: Answer, second: Answer) -> bool:
    assert first.status == 200
    return second.status == 429


def test_visitors_behind_the_proxy_are_told_apart(relay: Relay) -> None:
    first, second = sign_up(relay, "198.51.100.1:4711"), sign_up(relay, "198.51.100.2:4711")
    assert not are_one_caller(first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("198.51.100.1:4711", "198.51.100.1:80"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::1:50000", "2001:db8::1:443"),
        ("[2001:db8::1]:50000", "2001:0db8:0:0:0:0:0:1:443"),
    ],
)
def test_a_port_after_the_address_does_not_count(relay: Relay, one: str, other: str) -> None:
    assert are_one_caller(sign_up(relay, one), sign_up(relay, other))


@pytest.mark.parametrize("key", [None, "", "guessed", "the proxy's own secret ", "\ud800"])
def test_nobody_else_can_say_whose_address_it_is(relay: Relay, key: str | None) -> None:
    first, second = sign_up(relay, "198.51.100.1:1", key), sign_up(relay, "198.51.100.2:1", key)
    assert are_one_caller(first, second)


@pytest.mark.parametrize("secret", [{}, {"value": ""}, {"value": 7}, []])
def test_without_a_usable_secret_nobody_is_believed(relay: Relay, secret: object) -> None:
    relay.secret("proxy", secret)
    first, second = sign_up(relay, "198.51.100.1:1", ""), sign_up(relay, "198.51.100.2:1", "7")
    assert are_one_caller(first, second)


@pytest.mark.parametrize("unreadable", [None, "", "unknown", "198.51.100.999:1", "198.51.100.1, 198.51.100.2", ":"])
def test_an_unreadable_address_counts_as_absent(relay: Relay, unreadable: str | None) -> None:
    assert are_one_caller(sign_up(relay, None), sign_up(relay, unreadable))


def test_without_the_variable_no_header_is_believed(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXY", "")
    assert are_one_caller(sign_up(relay, "198.51.100.1:1"), sign_up(relay, "198.51.100.2:1"))


class TestBasePath:
    @pytest.fixture(autouse=True)
    def base_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BASE_PATH", "/relay")

    @pytest.mark.parametrize("path", ["/relay/openapi.json", "/openapi.json", "/relay/signup-relay.js"])
    def test_requests_arrive_with_and_without_it(self, relay: Relay, path: str) -> None:
        assert relay.request("GET", path).status == 200

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("PUT", "/relay/openapi.json", 405),
            ("GET", "/relay/forms/newsletter", 405),
            ("POST", "/relay/forms/unknown", 404),
            ("GET", "/relay/relay/openapi.json", 404),
            ("GET", "/relayed/openapi.json", 404),
            ("GET", "/relay", 404),
            ("GET", "/other/openapi.json", 404),
        ],
    )
    def test_what_is_not_ours_stays_so(self, relay: Relay, method: str, path: str, status: int) -> None:
        assert relay.request(method, path).status == status

    def test_a_form_is_found_under_it(self, relay: Relay) -> None:
        answer = relay.request("OPTIONS", "/relay/forms/newsletter", headers={"origin": "https://www.example.com"})
        assert answer.status == 204


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/openapi.json", 200), ("GET", "/signup-relay.js", 200), ("PUT", "/openapi.json", 405)],
)
def test_every_route_answers_under_a_named_stage_too(relay: Relay, method: str, path: str, status: int) -> None:
    """An HTTP API's stage with a name stands before the path, as in `rawPath` ("Stages for HTTP APIs")."""
    arriving = event("submit-unknown-form")
    arriving.update(rawPath=f"/live{path}", body=None)
    arriving["requestContext"]["stage"] = "live"
    arriving["requestContext"]["http"].update(method=method, path=f"/live{path}")
    assert relay.submit(arriving).status == status
