"""The secret of a connection: what it may say, and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import CredentialsMissing
from shared.vendors.connection import Connection, Credential
from shared.vendors.esputnik.client import ESputnikConnection


class FakeConnection(Connection):
    """A vendor's secret."""

    api_key: Credential


def read(**secret: Any) -> FakeConnection:
    return FakeConnection.of_secret("fake", {"base_url": "https://api.example.com/v1", "api_key": "s3cret", **secret})


@pytest.mark.parametrize(
    "url", ["https://api.example.com", "https://api.example.com/v1/", "http://127.0.0.1:8080", "http://[::1]:1/x"]
)
def test_https_anywhere_and_http_on_loopback_only(url: str) -> None:
    assert read(base_url=url).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "ftp://api.example.com",
        "api.example.com",
        "https://",
        "https://api.example.com/?key=1",
        "https://api.example.com/#top",
        "https://user@api.example.com",
        "https://user:word@api.example.com",
        "https://api.example.com:99999",
        "https://api.example.com:0",
        "https://api.example.com:word",
        "https://[::1",
        "",
        None,
    ],
)
def test_any_other_address_is_refused_without_being_shown(url: Any) -> None:
    with pytest.raises(CredentialsMissing, match="secret of connection fake: base_url") as refused:
        read(base_url=url)
    assert not [part for part in ("example", "word", "99999", "[") if part in str(refused.value)]


@pytest.mark.parametrize("key", ["", "a\nb", "a\r\nX-Other: b", "é", None, 7])
def test_a_credential_that_no_header_can_carry_is_refused_without_being_shown(key: Any) -> None:
    with pytest.raises(CredentialsMissing, match="api_key") as refused:
        read(api_key=key)
    assert "X-Other" not in str(refused.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(CredentialsMissing, match=r"base_url: .*; api_key: "):
        FakeConnection.of_secret("fake", {})


def test_a_secret_may_hold_keys_of_others() -> None:
    assert read(signing_secret="x").api_key == "s3cret"


def test_a_connection_shows_neither_key_nor_address() -> None:
    assert f"{read()} {read()!r}" == "FakeConnection() FakeConnection()"


def test_both_spellings_of_esputniks_address_are_one_account() -> None:
    urls = [f"https://esputnik.com/api{path}" for path in ("", "/v1", "/v1/")]
    secrets = [ESputnikConnection.of_secret("yespo", {"base_url": url, "api_key": "k"}) for url in urls]
    assert len({secret.account_key for secret in secrets}) == 1
