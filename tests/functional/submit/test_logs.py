"""No personal data and no secret in any log line, whatever goes wrong, whichever library says it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from functions.submit.routes import Routes
from shared.forms import Forms
from tests.functional.submit.form_texts import newsletter
from tests.support.outages import gone
from tests.support.relay import Relay

FIELDS = """
[fields.email]
type = "email"
required = true
[fields.name]
type = "text"
maps_to = "first_name"
[fields.mobile]
type = "phone"
maps_to = "phone"
on_invalid = "drop"
[fields.message]
type = "text"
[fields.news]
type = "consent"
grants = ["email"]
statement = "Send me news."
version = "1"
"""
SPAM = '[spam]\nhoneypot = "website"\n'
PERSON = {
    "email": "sentinel.ada@example.com",
    "name": "Sentinella",
    "mobile": "+12125550199",
    "message": "sentinel message\r\nof a visitor",
    "news": True,
}
WORDS = ("sentinel", "5550199", "203.0.113.77", "website-of-a-bot")
SECRETS = {"sentinel-signing-secret", "sentinel-captcha-secret", "sentinel-captcha-response", "a-key-of-the-tests"}

OF_THE_TESTS = ("moto", "local", "hypothesis", "asyncio", "responses", "faker")
"""Loggers of the simulations, which see everything and are not deployed."""


@pytest.fixture(autouse=True)
def silence(
    relay: Relay,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    """Run the test at the most talkative level, then look through all that was printed and all that was logged."""
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    caplog.set_level(logging.DEBUG)
    relay.form("newsletter", newsletter("dedupe_seconds = 0", FIELDS, SPAM))
    twin = relay.twin("pulse", "pulse-us")
    yield
    printed = capfd.readouterr()
    logged = "\n".join(
        f"{record.getMessage()} {record.__dict__}"
        for record in caplog.get_records("call")
        if not record.name.startswith(OF_THE_TESTS)
    )
    said = f"{printed.out}\n{printed.err}\n{logged}".lower()
    secrets = {value for name, value in twin.connection().items() if name != "base_url"} | SECRETS
    assert [word for word in (*WORDS, *secrets) if word.lower() in said] == []
    assert logged or "_aws" in printed.out, "there was something to look at"


def sign_up(relay: Relay, **how: Any) -> int:
    arguments = {"values": PERSON, "ip": "203.0.113.77", **how}
    headers = {"idempotency-key": "sentinel-key", "user-agent": "sentinel-agent", **arguments.pop("headers", {})}
    return relay.post("newsletter", headers=headers, **arguments).status


def test_when_all_goes_well(relay: Relay) -> None:
    assert sign_up(relay) == 200


@pytest.mark.parametrize(
    ("fault", "members"),
    [
        ("status", {"status": 400}),
        ("status", {"status": 401}),
        ("status", {"status": 403}),
        ("status", {"status": 404}),
        ("status", {"status": 409}),
        ("status", {"status": 417}),
        ("status", {"status": 429, "retry_after": 5}),
        ("status", {"status": 500}),
        ("status_after", {"status": 500}),
        ("drop_before", {}),
        ("drop_after", {}),
        ("oversize", {}),
        ("html", {}),
        ("hang", {"seconds": 3}),
    ],
)
def test_when_a_vendor_fails(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, fault: str, members: dict[str, Any]
) -> None:
    monkeypatch.setenv("DELIVERY_BUDGET_SECONDS", "2")
    monkeypatch.setenv("RETRY_BUDGET_SECONDS", "2")
    for _ in range(3):
        relay.twins["pulse"].fail(fault, **members)
    assert sign_up(relay) in {200, 202}
    relay.retry_waiting()


@pytest.mark.parametrize(
    "services",
    [
        ("dynamodb",),
        ("sqs",),
        ("secrets-manager",),
        ("dynamodb", "sqs"),
        ("dynamodb.UpdateItem",),
        ("dynamodb.PutItem",),
        ("dynamodb.GetItem",),
    ],
)
def test_when_a_service_is_gone(relay: Relay, services: tuple[str, ...]) -> None:
    relay.twins["pulse"].fail("status", status=500)
    with gone(*services):
        assert sign_up(relay) in {200, 202, 503}


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (422, {"values": {**PERSON, "email": "sentinel@nonsense"}}),
        (422, {"values": {**PERSON, "name": ["sentinel", "sentinel"]}}),
        (200, {"values": {**PERSON, "mobile": "sentinel"}}),
        (200, {"values": {**PERSON, "website": "website-of-a-bot"}}),
        (400, {"content": b'{"email": "sentinel'}),
        (400, {"content": b"--sentinel\r\n", "headers": {"content-type": "multipart/form-data; boundary=sentinels"}}),
        (400, {"content": b"sentinel", "headers": {"content-type": "multipart/form-data"}}),
        (415, {"headers": {"content-type": "sentinel/sentinel"}}),
        (403, {"headers": {"origin": "https://sentinel@example.com"}}),
        (403, {"headers": {"origin": "https://example.com/sentinel"}}),
        (403, {"headers": {"origin": "sentinel ada"}}),
        (400, {"headers": {"idempotency-key": "sentinel\x00"}}),
        (200, {"headers": {"referer": "https://www.example.com/sentinel?email=sentinel"}}),
    ],
)
def test_when_a_sign_up_is_odd(relay: Relay, status: int, how: dict[str, Any]) -> None:
    assert sign_up(relay, **how) == status


def test_a_refusal_names_form_reason_and_website(relay: Relay, caplog: pytest.LogCaptureFixture) -> None:
    relay.post("newsletter", PERSON, headers={"origin": "https://shop.example.com:8443"})
    relay.post("newsletter", PERSON, headers={"origin": None})
    relay.post("newsletter", PERSON, headers={"origin": "https://sentinel@example.com"})
    relay.post("newsletter", {"email": "nonsense"})
    relay.post("no-such-form", PERSON)

    lines = [record.__dict__ for record in caplog.records if record.getMessage() == "refused"]
    assert [(line["form"], line["reason"], line["origin"]) for line in lines] == [
        ("newsletter", "origin-not-allowed", "https://shop.example.com:8443"),
        ("newsletter", "origin-missing", None),
        ("newsletter", "origin-not-allowed", "unusual"),
        ("newsletter", "invalid-fields", "https://www.example.com"),
        ("unknown", "form-not-found", "https://www.example.com"),
    ]


def test_when_an_address_is_odd(relay: Relay) -> None:
    for path in ("/forms/sentinel", "/sentinel", "/forms/newsletter/sentinel", "/forms/newsletter?sentinel=sentinel"):
        relay.request("POST", path, b"sentinel", {"origin": "sentinel"})
    sign_up(relay)


def test_when_a_signature_is_wrong(relay: Relay) -> None:
    signature = '[signature]\nscheme = "hmac-sha256"\nsecret = "builder"\n'
    relay.form("newsletter", newsletter("", FIELDS, signature))
    assert sign_up(relay) == 503
    relay.secret("builder", {"signing_secret": "sentinel-signing-secret"})
    assert sign_up(relay) == 403
    assert sign_up(relay, headers={"x-signature": "sentinel"}) == 403


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "not a url of sentinel"])
def test_when_a_captcha_cannot_be_checked(relay: Relay, url: str) -> None:
    relay.form("newsletter", newsletter("", FIELDS, '[spam]\ncaptcha = "turnstile"\n'))
    relay.secret("captcha", {"secret": "sentinel-captcha-secret", "url": url})
    assert sign_up(relay, values={**PERSON, "cf-turnstile-response": "sentinel-captcha-response"}) == 202


@pytest.mark.parametrize("secret", [[], "sentinel-text", {"api_token": "sentinel\r\ntoken"}, {"base_url": "sentinel"}])
def test_when_a_secret_is_malformed(relay: Relay, secret: Any) -> None:
    relay.secret("pulse-us", secret)
    assert sign_up(relay) == 202


@pytest.mark.parametrize("body", ["sentinel", '{"version": 1, "submission": "sentinel"}', '{"version": 2}'])
def test_when_a_message_cannot_be_read(relay: Relay, body: str) -> None:
    relay.sqs.send_message(QueueUrl=relay.retry_queue, MessageBody=body)
    assert relay.retry_waiting() == []


def test_when_an_event_is_none_of_the_gateways(relay: Relay) -> None:
    for odd in ({"body": "sentinel"}, {"requestContext": "sentinel"}, {"rawPath": ["sentinel"], "headers": "sentinel"}):
        assert relay.submit(odd).status == 400


class _Defective:
    """Stands where something of ours is wrong, in the worst way: with the visitor's words in the error."""

    def receive(self, *_: object) -> None:
        raise ValueError(json.dumps(PERSON))


def test_when_there_is_a_defect(relay: Relay, silence: None) -> None:
    application = Routes(Forms(relay.forms), cast("Any", _Defective()), cast("Any", None))
    event = {
        "rawPath": "/forms/newsletter",
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/forms/newsletter"}},
        "headers": {"origin": "https://www.example.com"},
        "body": json.dumps(PERSON),
    }
    answer: Callable[..., dict[str, Any]] = application.handle
    assert answer(event, relay.clock)["statusCode"] == 503
