"""Screening: who may send, by origin and by signature; a secret that was replaced is looked up again."""

from __future__ import annotations

import hmac
from typing import Any, cast

import pytest

from functions.submit.refusal import Refusal
from functions.submit.request.request import Request, read_request
from functions.submit.screening.caller import Callers
from functions.submit.screening.screening import Screening, Sender, allowed_origin, check_origin
from functions.submit.screening.signature import Signed
from functions.submit.screening.signatures import Signatures
from shared.forms import Form
from shared.forms.loading import parse_form

FORM = """
title = "Newsletter"
{top}
[fields.email]
type = "email"
[[destinations]]
name = "pulse-us"
vendor = "pulse"
action = "upsert"
options = {{ source = 7 }}
"""
SIGNATURE = '[signature]\nscheme = "hmac-sha256"\nsecret = "builder"\n'
BODY = b'{"email": "ada@example.com"}'


def form(top: str) -> Form:
    return parse_form("newsletter", FORM.format(top=top))


def request(**headers: str) -> Request:
    return read_request("newsletter", {"headers": headers}, 0)


@pytest.mark.parametrize(
    ("top", "origin", "allowed"),
    [
        ('allowed_origins = ["https://www.example.com"]', "https://www.example.com", True),
        ('allowed_origins = ["https://www.example.com"]', "https://WWW.EXAMPLE.COM", True),
        ('allowed_origins = ["https://www.example.com"]', "http://www.example.com", False),
        ('allowed_origins = ["https://www.example.com"]', "https://www.example.com:8443", False),
        ('allowed_origins = ["https://www.example.com"]', "https://www.example.com.evil.example", False),
        ('allowed_origins = ["https://www.example.com"]', "null", False),
        ('allowed_origins = ["https://www.example.com"]', None, False),
        ('allowed_origins = ["*"]', "https://any.example", True),
        ('allowed_origins = ["*"]', "null", True),
        ('allowed_origins = ["*"]', None, True),
        ("", None, False),
        ("", "https://any.example", False),
        (SIGNATURE, None, True),
        (SIGNATURE, "https://any.example", False),
    ],
)
def test_an_origin_is_allowed_by_the_form_only(top: str, origin: str | None, allowed: bool) -> None:
    sent = request(origin=origin) if origin else request()
    if not allowed:
        with pytest.raises(Refusal, match="origin-not-allowed") as refused:
            check_origin(form(top), sent)
        assert refused.value.variant == (None if origin else "origin-missing")
        assert allowed_origin(form(top), sent) is None
        return
    check_origin(form(top), sent)
    assert allowed_origin(form(top), sent) == (origin.lower() if origin else None)


class RotatedSecrets:
    """Knows a secret from earlier; the fresh one may be another."""

    def __init__(self, known: Any, fresh: Any) -> None:
        self._known = known
        self._fresh = fresh
        self.asked_afresh = 0

    def fetch(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        assert name == "builder"
        self.asked_afresh += fresh
        return {"signing_secret": self._fresh if fresh else self._known}


class FixedHash:
    def hashed(self, *parts: str) -> str:
        return "hash"


def signed_with(key: str, known: Any, fresh: Any) -> Signed | None:
    nothing = cast("Any", None)
    people = cast("Any", FixedHash())
    secrets = cast("Any", RotatedSecrets(known, fresh))
    screening = Screening(Callers(people, secrets), Signatures(secrets, nothing), nothing)
    mac = hmac.digest(key.encode(), BODY, "sha256").hex()
    return screening.recognise(form(SIGNATURE), request(**{"x-signature": mac}), BODY).signed


@pytest.mark.parametrize(("known", "fresh"), [("old", "new"), ("old", ["new", "old"]), (None, "new"), ("new", "new")])
def test_a_replaced_secret_is_good_at_once(known: Any, fresh: Any) -> None:
    assert isinstance(signed_with("new", known, fresh), Signed)


@pytest.mark.parametrize("fresh", ["old", "new"])
def test_what_fits_neither_is_refused(fresh: str) -> None:
    with pytest.raises(Refusal, match="signature-invalid"):
        signed_with("guessed", "old", fresh)


def test_a_form_without_a_signature_asks_for_none() -> None:
    nothing = cast("Any", None)
    screening = Screening(Callers(cast("Any", FixedHash()), nothing), Signatures(nothing, nothing), nothing)
    assert screening.recognise(form('allowed_origins = ["*"]'), request(), BODY) == Sender("hash", signed=None)


def test_without_a_secret_nothing_is_accepted() -> None:
    with pytest.raises(Refusal, match="not-accepted"):
        signed_with("new", None, None)


def test_a_request_without_a_signature_costs_no_look_up_of_a_fresh_secret() -> None:
    nothing, people, secrets = cast("Any", None), cast("Any", FixedHash()), RotatedSecrets("old", "new")
    screening = Screening(Callers(people, nothing), Signatures(cast("Any", secrets), nothing), nothing)
    with pytest.raises(Refusal, match="signature-missing"):
        screening.recognise(form(SIGNATURE), request(), BODY)
    assert secrets.asked_afresh == 0
