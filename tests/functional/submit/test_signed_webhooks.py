"""Signed requests: what a server sends is believed by its signature, not by its origin; a copy is not."""

from __future__ import annotations

import base64
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from functions.submit.handler import application
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.support.outages import gone
from tests.support.relay import Answer, Relay
from tests.support.roles import calls

SECRET = "whsec_" + base64.b64encode(b"a secret of these tests, 32 bytes").decode()
OTHER = "whsec_" + base64.b64encode(b"the one that it replaces, for now").decode()

STANDARD = '[signature]\nscheme = "standard-webhooks"\nsecret = "builder"\ntolerance_seconds = 120\n'
PLAIN = '[signature]\nscheme = "hmac-sha256"\nsecret = "builder"\nheader = "X-Builder-Signature"\n'
ADA = {"email": "ada@example.com"}


@pytest.fixture
def standard(relay: Relay) -> Relay:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", EMAIL, STANDARD, "[]"))
    relay.secret("builder", {"signing_secret": SECRET})
    relay.twin("pulse", "pulse-us")
    return relay


@pytest.fixture
def plain(relay: Relay) -> Relay:
    relay.form("newsletter", newsletter("dedupe_seconds = 0", EMAIL, PLAIN, "[]"))
    relay.secret("builder", {"signing_secret": "plain secret"})
    relay.twin("pulse", "pulse-us")
    return relay


def signed(
    values: Any = ADA,
    *,
    message_id: str = "msg_1",
    age: float = 0,
    secret: str = SECRET,
    changed: dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """Return the arguments of a post that is signed by Standard Webhooks."""
    at = datetime.fromtimestamp(int(time.time() - age), UTC)
    text = json.dumps(values)
    headers: dict[str, str | None] = {
        "origin": None,
        "referer": None,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, text),
    }
    return {"content": text.encode(), "headers": {**headers, **(changed or {})}}


def macced(values: Any = ADA, key: str = "plain secret", spelling: str = "hex") -> dict[str, Any]:
    """Return the arguments of a post that carries its HMAC-SHA256."""
    content = json.dumps(values).encode()
    mac = hmac.digest(key.encode(), content, "sha256")
    spelled = {
        "hex": mac.hex(),
        "upper": mac.hex().upper(),
        "prefixed": f"sha256={mac.hex()}",
        "base64": base64.b64encode(mac).decode(),
        "typeform": f"sha256={base64.b64encode(mac).decode()}",
    }[spelling]
    return {"content": content, "headers": {"origin": None, "x-builder-signature": spelled}}


def kind(answer: Answer) -> str:
    return str(answer.json["type"]).rpartition(":")[2]


def test_a_valid_signature_needs_no_origin(standard: Relay) -> None:
    assert standard.post("newsletter", **signed()).status == 200
    assert len(standard.twins["pulse"].contacts()) == 1


def test_an_origin_that_is_not_allowed_is_refused_signed_or_not(standard: Relay) -> None:
    answer = standard.post("newsletter", **signed(changed={"origin": "https://evil.example"}))
    assert (answer.status, kind(answer)) == (403, "origin-not-allowed")


def test_an_allowed_origin_is_no_signature(standard: Relay) -> None:
    standard.form("newsletter", newsletter("", EMAIL, STANDARD))
    answer = standard.post("newsletter", ADA)
    assert (answer.status, kind(answer)) == (403, "signature-missing")


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(standard: Relay, header: str) -> None:
    answer = standard.post("newsletter", **signed(changed={header: None}))
    assert (answer.status, kind(answer)) == (403, "signature-missing")


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(time.time()) - 1)},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,a v2,b ,,,"},
        {"webhook-signature": "v1,\u20ac"},
    ],
)
def test_what_was_tampered_with_is_refused(standard: Relay, changed: dict[str, str | None]) -> None:
    answer = standard.post("newsletter", **signed(changed=changed))
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


def test_another_body_is_refused(standard: Relay) -> None:
    answer = standard.post("newsletter", **{**signed(), "content": b'{"email": "eve@example.com"}'})
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


def test_a_body_that_is_not_text_is_refused(standard: Relay) -> None:
    answer = standard.post("newsletter", **{**signed(), "content": b"\xff"})
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


@pytest.mark.parametrize(("age", "status"), [(100, 200), (140, 403), (-100, 200), (-140, 403)])
def test_the_forms_own_tolerance_counts(standard: Relay, age: float, status: int) -> None:
    assert standard.post("newsletter", **signed(age=age)).status == status


def test_a_tolerance_beyond_the_librarys_own_is_obeyed(standard: Relay) -> None:
    standard.form("newsletter", newsletter("", EMAIL, STANDARD.replace("120", "3600"), "[]"))
    assert standard.post("newsletter", **signed(age=3000)).status == 200


def test_any_of_several_secrets_will_do(standard: Relay) -> None:
    standard.secret("builder", {"signing_secret": [SECRET, OTHER]})
    assert standard.post("newsletter", **signed(secret=OTHER)).status == 200
    assert standard.post("newsletter", **signed(secret=SECRET, message_id="msg_2")).status == 200


def test_any_of_several_signatures_will_do(standard: Relay) -> None:
    request = signed()
    request["headers"]["webhook-signature"] = f"v1a,abc v1,AAAA {request['headers']['webhook-signature']}"
    assert standard.post("newsletter", **request).status == 200


def test_a_copy_of_an_accepted_request_is_refused(standard: Relay) -> None:
    request = signed()
    assert standard.post("newsletter", **request).status == 200
    answer = standard.post("newsletter", **request)
    assert (answer.status, kind(answer)) == (403, "signature-invalid")
    assert len(standard.twins["pulse"].writes()) == 1


def test_a_copy_is_refused_though_its_idempotency_key_differs(standard: Relay) -> None:
    request = signed()
    assert standard.post("newsletter", **request).status == 200
    request["headers"]["idempotency-key"] = "another"
    assert standard.post("newsletter", **request).status == 403


def test_a_senders_own_retry_gets_the_first_answer(standard: Relay) -> None:
    first = standard.post("newsletter", **signed(age=5))
    second = standard.post("newsletter", **signed(age=0))
    assert (second.status, second.json) == (200, first.json)
    assert len(standard.twins["pulse"].writes()) == 1


def test_a_retry_after_a_failure_is_no_copy(standard: Relay) -> None:
    request = signed()
    with gone("sqs", "dynamodb"):
        assert standard.post("newsletter", **request).status == 503
    assert standard.post("newsletter", **request).status == 200


def test_one_message_id_with_two_bodies_is_a_conflict(standard: Relay) -> None:
    assert standard.post("newsletter", **signed()).status == 200
    assert standard.post("newsletter", **signed({"email": "eve@example.com"}, age=30)).status == 409


def test_without_the_ledger_a_signed_request_is_queued(standard: Relay) -> None:
    with gone("dynamodb"):
        assert standard.post("newsletter", **signed()).status == 202


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"signing_secret": ""},
        {"signing_secret": []},
        {"signing_secret": [SECRET, 7]},
        {"signing_secret": "whsec_1"},
    ],
)
def test_without_a_usable_secret_nothing_is_accepted(standard: Relay, secret: dict[str, Any]) -> None:
    standard.secret("builder", secret)
    answer = standard.post("newsletter", **signed())
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("spelling", ["hex", "upper", "prefixed", "base64", "typeform"])
def test_a_plain_mac_may_be_spelled_as_builders_do(plain: Relay, spelling: str) -> None:
    assert plain.post("newsletter", **macced(spelling=spelling)).status == 200


def test_a_wrong_mac_is_refused(plain: Relay) -> None:
    answer = plain.post("newsletter", **macced(key="guessed"))
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


@pytest.mark.parametrize("text", ["sha256=", "zz", "0" * 64, "g" * 64, "ä" * 64, "sha1=abc"])
def test_a_malformed_mac_is_refused(plain: Relay, text: str) -> None:
    request = macced()
    request["headers"]["x-builder-signature"] = text
    answer = plain.post("newsletter", **request)
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


def test_a_missing_mac_is_refused(plain: Relay) -> None:
    answer = plain.post("newsletter", ADA, headers={"origin": None})
    assert (answer.status, kind(answer)) == (403, "signature-missing")


def test_who_sends_no_mac_makes_us_ask_for_no_secret_again(plain: Relay) -> None:
    """Given a known secret, when anybody posts without a mac, then Secrets Manager is not asked: each call costs."""
    assert plain.post("newsletter", **macced()).status == 200
    calls.clear()

    assert [plain.post("newsletter", ADA, headers={"origin": None}).status for _ in range(3)] == [403] * 3
    assert "secretsmanager:GetSecretValue" not in calls


def test_a_mac_is_checked_with_every_secret(plain: Relay) -> None:
    plain.secret("builder", {"signing_secret": ["new secret", "plain secret"]})
    assert plain.post("newsletter", **macced()).status == 200


def test_a_repeated_message_without_a_signed_time_gets_the_first_answer_and_no_second_delivery(plain: Relay) -> None:
    first = plain.post("newsletter", **macced())
    second = plain.post("newsletter", **macced())
    assert (second.status, second.json) == (200, first.json)
    assert len(plain.twins["pulse"].writes()) == 1
    (record,) = plain.items("key#newsletter")
    assert record["expiration"] > time.time() + 29 * 86_400, "nothing else tells a copy from the first one"


def test_the_signature_comes_before_the_body_is_parsed(plain: Relay) -> None:
    answer = plain.post("newsletter", content=b"{", headers={"origin": None, "x-builder-signature": "0" * 64})
    assert answer.status == 403


TEMPLATE = """[signature]
scheme = "hmac-sha256"
secret = "builder"
header = "X-Builder-Signature"
signed = "{method} {timestamp}:{body}.{header:X-Builder-Id}"
timestamp_header = "X-Builder-Timestamp"
tolerance_seconds = 120
"""


@pytest.fixture
def template(plain: Relay) -> Relay:
    plain.form("newsletter", newsletter("dedupe_seconds = 0", EMAIL, TEMPLATE, "[]"))
    return plain


def filled(stamp: str | None = None, changed: dict[str, str | None] | None = None) -> dict[str, Any]:
    """Return the arguments of a post whose signature covers what TEMPLATE says."""
    stamp = stamp or str(int(time.time()))
    content = json.dumps(ADA).encode()
    mac = hmac.digest(b"plain secret", f"POST {stamp}:".encode() + content + b".id_1", "sha256")
    headers = {
        "origin": None,
        "x-builder-signature": mac.hex(),
        "x-builder-timestamp": stamp,
        "x-builder-id": "id_1",
        **(changed or {}),
    }
    return {"content": content, "headers": headers}


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
def test_a_builder_may_sign_more_than_the_body(template: Relay, unit: int) -> None:
    assert template.post("newsletter", **filled(str(int(time.time() * unit)))).status == 200


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"x-builder-id": "id_2"}, "signature-invalid"),
        ({"x-builder-id": None}, "signature-missing"),
        ({"x-builder-timestamp": None}, "signature-missing"),
        ({"x-builder-timestamp": "soon"}, "signature-invalid"),
        ({"x-builder-timestamp": str(int(time.time()) + 7)}, "signature-invalid"),
    ],
)
def test_everything_that_is_signed_counts(template: Relay, changed: dict[str, str | None], refused: str) -> None:
    answer = template.post("newsletter", **filled(changed=changed))
    assert (answer.status, kind(answer)) == (403, refused)


@pytest.mark.parametrize("age", [150, -150])
def test_a_signed_time_beyond_the_tolerance_is_refused(template: Relay, age: int) -> None:
    answer = template.post("newsletter", **filled(str(int(time.time()) - age)))
    assert (answer.status, kind(answer)) == (403, "signature-invalid")


def test_a_signature_may_cover_the_address_that_was_called(plain: Relay) -> None:
    signature = PLAIN + 'signed = "{method}{url}{body}"\n'
    plain.form("newsletter", newsletter("", EMAIL, signature, "[]"))
    content = json.dumps(ADA).encode()
    mac = hmac.digest(b"plain secret", b"POSThttps://relay.example.com/forms/newsletter" + content, "sha256").hex()
    headers = {"origin": None, "x-builder-signature": mac}
    assert plain.post("newsletter", content=content, headers=headers).status == 200
    elsewhere = plain.post("newsletter", content=content, headers={**headers, "host": "other.example.com"})
    assert kind(elsewhere) == "signature-invalid"


def test_a_copy_of_a_plain_mac_is_known_after_its_secret_was_replaced(plain: Relay) -> None:
    first = plain.post("newsletter", **macced())
    plain.secret("builder", {"signing_secret": ["the next secret", "plain secret"]})
    application.cache_clear()  # an environment that starts later
    assert plain.post("newsletter", **macced({"email": "bob@example.com"}, key="the next secret")).status == 200

    assert plain.post("newsletter", **macced()).json == first.json
    assert len(plain.twins["pulse"].writes()) == 2


def test_headers_of_standard_webhooks_may_have_another_prefix(standard: Relay) -> None:
    standard.form("newsletter", newsletter("", EMAIL, STANDARD + 'prefix = "svix"\n', "[]"))
    request = signed()
    headers = {name.replace("webhook-", "svix-"): value for name, value in request["headers"].items()}

    assert standard.post("newsletter", content=request["content"], headers=headers).status == 200
    assert kind(standard.post("newsletter", **signed(message_id="msg_2"))) == "signature-missing"


SHARED = '[signature]\nscheme = "header-secret"\nsecret = "builder"\nheader = "X-Builder-Token"\n'


@pytest.mark.parametrize(
    ("shown", "status"), [("plain secret", 200), ("plain secre", 403), ("\u20ac", 403), ("\ud800", 403), (None, 403)]
)
def test_a_header_may_hold_the_secret_itself(plain: Relay, shown: str | None, status: int) -> None:
    plain.form("newsletter", newsletter("", EMAIL, SHARED, "[]"))
    assert plain.post("newsletter", ADA, headers={"origin": None, "x-builder-token": shown}).status == status


def test_a_signed_sign_up_may_be_larger_than_others(plain: Relay) -> None:
    plain.form("open", newsletter("", EMAIL, "", '["*"]'))
    large, too_large = ({**ADA, "definition": "x" * size} for size in (200 * 1024, 257 * 1024))

    assert plain.post("newsletter", **macced(large)).status == 200
    assert plain.post("newsletter", **macced(too_large)).status == 413
    assert plain.post("open", large).status == 413
