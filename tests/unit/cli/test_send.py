"""What `relay send` makes of a form: a body that the form takes, signed as its sender would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.send.body import body_of
from cli.send.post import form_url
from cli.send.signing import signed_headers
from functions.submit.screening.signature import SignedRequest, verify
from shared.errors import ConfigurationError
from shared.forms import Form
from shared.forms.definition import Signature
from shared.forms.loading import parse_form
from tests.support.paths import ROOT

URL = "https://relay.example.com/forms/partner"
NOW = 1_790_000_000.5
FORM = """
title = "News"
allowed_origins = ["*"]
{top}
[fields.email]
type = "email"
{source}
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "upsert"
"""


def form(top: str = "", source: str = "") -> Form:
    return parse_form("news", FORM.format(top=top, source=source))


def test_every_try_is_a_person_of_its_own() -> None:
    first, second = (json.loads(body_of(form(), {}))["email"] for _ in range(2))

    assert first != second
    assert first.endswith("@example.com")


def test_a_field_says_what_it_is_told_to() -> None:
    assert json.loads(body_of(form(), {"email": "ada@example.com"})) == {"email": "ada@example.com"}
    with pytest.raises(ConfigurationError, match="no field e-mail"):
        body_of(form(), {"e-mail": "ada@example.com"})


def test_a_sender_s_json_is_made_up_where_its_form_only_names_members() -> None:
    nested = form(source='source = "answer.person.mail"')
    within_text = form(top='body = "rawRequest"', source='source = "answer.mail"')

    assert set(json.loads(body_of(nested, {}))["answer"]["person"]) == {"mail"}
    assert set(json.loads(json.loads(body_of(within_text, {}))["rawRequest"])["answer"]) == {"mail"}


def test_json_that_is_searched_has_to_be_given() -> None:
    with pytest.raises(ConfigurationError, match="--body"):
        body_of(form(source="source = \"answers[?type=='email'].email | [0]\""), {})


@pytest.mark.parametrize("name", ["clinicians", "congress", "contact", "newsletter"])
def test_the_forms_for_web_pages_need_no_example(name: str) -> None:
    shipped = parse_form(name, (ROOT / "forms" / f"{name}.toml").read_text(encoding="utf-8"))

    assert set(json.loads(body_of(shipped, {}))) == set(shipped.fields)


@pytest.mark.parametrize(
    "rules",
    [
        {"scheme": "header-secret", "header": "X-Key"},
        {"scheme": "standard-webhooks", "prefix": "svix"},
        {"scheme": "hmac-sha256"},
        {"scheme": "hmac-sha256", "signed": "{timestamp}:{method}:{url}:{body}", "timestamp_header": "X-Time"},
        {"scheme": "hmac-sha256", "signed": "{header:X-Id}.{body}"},
    ],
)
@pytest.mark.parametrize(
    "secret", ["whsec_bG9jYWwtc2VjcmV0LWZvci10ZXN0cw==", ["whsec_bG9jYWwtc2VjcmV0LWZvci10ZXN0cw=="]]
)
def test_the_relay_takes_the_signature(rules: dict[str, Any], secret: Any) -> None:
    signature = Signature(secret="sender", **rules)
    body = '{"email": "ada@example.com"}'

    headers = signed_headers(signature, {"signing_secret": secret}, URL, body, "message-1", NOW)

    lower = {name.lower(): value for name, value in headers.items()}
    known = [secret] if isinstance(secret, str) else secret
    verify(signature, known, SignedRequest("POST", URL, lower, body.encode()), NOW)  # raises what it refuses


@pytest.mark.parametrize("secret", [{}, {"signing_secret": []}, {"signing_secret": 7}])
def test_a_sender_without_a_secret_is_named(secret: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="connection sender holds no signing_secret"):
        signed_headers(Signature(scheme="hmac-sha256", secret="sender"), secret, URL, "{}", "message-1", NOW)


def test_nothing_is_sent_where_others_could_read_it() -> None:
    assert form_url("https://relay.example.com/relay/", "news") == "https://relay.example.com/relay/forms/news"
    assert form_url("http://127.0.0.1:8000", "news") == "http://127.0.0.1:8000/forms/news"
    with pytest.raises(ConfigurationError, match="https"):
        form_url("http://relay.example.com", "news")
