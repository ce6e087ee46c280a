"""Whatever arrives, the answer is one of the table's, in JSON or HTML, and never a 500 or an exception."""

from __future__ import annotations

import base64
import json
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.functional.submit.form_texts import EMAIL, NEWS, newsletter
from tests.support.relay import Relay, event

STATUSES = {200, 202, 303, 400, 403, 404, 409, 413, 415, 422, 429, 503}

EVERY_TYPE = (
    EMAIL
    + NEWS
    + """
[fields.name]
type = "text"
maps_to = "first_name"
[fields.mobile]
type = "phone"
maps_to = "phone"
region = "US"
[fields.size]
type = "choice"
options = ["1", "2"]
[fields.flag]
type = "boolean"
[fields.count]
type = "integer"
[fields.ratio]
type = "number"
[fields.day]
type = "date"
on_invalid = "drop"
[fields.lead]
type = "text"
source = "sort_by(answers, &n)[::-1].text | join(' ', @)"
"""
)

NAMES = st.sampled_from(["email", "name", "mobile", "size", "flag", "count", "ratio", "day", "news", "website", "x"])
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=10),
    st.sampled_from(["ada@example.com", "+1 212 555 0123", "true", "1e999", "\uff19", "2026-02-30", "a" * 300]),
)
LEAVES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.integers(10**400, 10**401))
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))
OBJECTS = st.dictionaries(NAMES, LEAVES | JSON, max_size=8)

PERSON = st.fixed_dictionaries({"email": st.emails(), "lead": st.text(max_size=9)})

BOUNDARY = "xYzZY"
PARTS = st.lists(
    st.one_of(
        st.just(b"--xYzZY\r\n"),
        st.just(b"--xYzZY--\r\n"),
        st.just(b'Content-Disposition: form-data; name="email"\r\n\r\nada@example.com\r\n'),
        st.just(b'Content-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\n%PDF\r\n'),
        st.just(b"Content-Disposition: form-data\r\n\r\n"),
        st.just(b"Content-Transfer-Encoding: base64\r\n"),
        st.just(b"\r\n"),
        st.binary(max_size=20),
    ),
    max_size=12,
).map(b"".join)

JSON_BODIES = st.one_of(
    st.builds(lambda some, more: json.dumps({**some, **more}).encode(), PERSON, OBJECTS),
    st.builds(lambda some, more: json.dumps({**more, **some}).encode(), PERSON, OBJECTS),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 4000).map(lambda depth: b'{"email":' * depth),
    st.integers(1, 4000).map(lambda depth: b"[" * depth + b"]" * depth),
    st.just(b'{"email": ' + b"9" * 5000 + b"}"),
    st.binary(max_size=200),
)
QUERIES = st.lists(st.tuples(NAMES, TEXTS), max_size=130).map(
    lambda pairs: "&".join(["email=ada@example.com", *map("=".join, pairs)]).encode(errors="replace")
)
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"

CONTENTS = st.one_of(
    st.tuples(
        st.sampled_from(["application/json", "application/json; charset=UTF-8", "Application/JSON "]), JSON_BODIES
    ),
    st.tuples(st.just(FORM), QUERIES),
    st.tuples(st.just(MULTIPART), PARTS),
    st.tuples(st.sampled_from([FORM, MULTIPART]), JSON_BODIES),
    st.tuples(
        st.sampled_from(["multipart/form-data", 'multipart/form-data; boundary=""', "a/b;charset=\ud800"]), PARTS
    ),
    st.tuples(st.text(max_size=30), QUERIES),
)

HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "accept": st.sampled_from(["text/html", "*/*", "text/html;q=2,*/*;q=", ";;,"]) | TEXTS,
        "origin": st.sampled_from(["https://www.example.com", "null", "https://evil.example"]) | TEXTS,
        "referer": st.sampled_from(["https://[::1", "https://www.example.com/a?b#c", "//"]) | TEXTS,
        "idempotency-key": st.sampled_from(["k1", "k2", "\x00"]) | TEXTS,
    },
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Make an HTTP API event of which anything may be odd or missing."""
    made = event("submit-json")
    (media, body), encoded = draw(CONTENTS), draw(st.booleans())
    made["headers"] = {**draw(HEADERS), "content-type": media}
    made["isBase64Encoded"] = encoded
    made["body"] = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "surrogateescape")
    made["requestContext"]["http"]["sourceIp"] = "203.0.113." + str(draw(st.integers(0, 255)))
    match draw(st.integers(0, 15)):
        case 0:
            made[draw(st.sampled_from(["headers", "body", "isBase64Encoded"]))] = draw(LEAVES)
        case 1:
            made["requestContext"]["timeEpoch"] = draw(LEAVES)
        case 2:
            made["rawPath"] = made["requestContext"]["http"]["path"] = "/" + draw(TEXTS)
    return made


@pytest.fixture
def open_form(relay: Relay) -> Relay:
    # The destination has no secret: what is accepted is queued.
    relay.form(
        "newsletter",
        newsletter(
            'rate_limit = "off"\nrecipient_limit = "off"\ndedupe_seconds = 0',
            EVERY_TYPE,
            '[spam]\nhoneypot = "website"',
            '["*"]',
        ),
    )
    return relay


def _judge(relay: Relay, made: dict[str, Any], log: pytest.LogCaptureFixture) -> None:
    log.clear()
    answer = relay.submit(made)
    assert "defect" not in log.messages
    assert answer.status in STATUSES
    hypothesis.event(f"answered {answer.status}")
    kind = answer.headers["content-type"].partition(";")[0]
    if answer.status == 303:
        assert answer.headers["location"]
    elif kind == "text/html":
        assert answer.text.startswith("<!doctype html>")
    else:
        assert kind in {"application/json", "application/problem+json"}
        assert answer.json
    if "errors" in answer.text and kind != "text/html":
        assert {error["code"] for error in answer.json["errors"]}


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(made=requests())
def test_no_request_of_any_kind_yields_a_500(
    open_form: Relay, caplog: pytest.LogCaptureFixture, made: dict[str, Any]
) -> None:
    _judge(open_form, made, caplog)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.dictionaries(st.sampled_from(list(event("submit-json"))), JSON, max_size=9))
@example({})
@example({"requestContext": None, "rawPath": 7})
def test_no_event_of_any_shape_raises(open_form: Relay, caplog: pytest.LogCaptureFixture, made: dict[str, Any]) -> None:
    _judge(open_form, made, caplog)
