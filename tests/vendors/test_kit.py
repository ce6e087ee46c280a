"""What a new vendor must not forget: a class in the conformance suite, and its place in the rules on imports."""

from __future__ import annotations

import tomllib
from importlib import import_module

from pydantic import Field

from shared.vendors.connection import Connection, Credential, HeaderName
from shared.vendors.registry import ACTIONS
from tests.support.credentials import credentials_of, secret_of
from tests.support.paths import ROOT
from tests.vendors.conformance.suite import Conformance


class PostOfficeConnection(Connection):
    """A vendor whose key has a name of its own."""

    stamp: Credential
    headers: dict[HeaderName, Credential] = Field(default_factory=dict)
    username: Credential = "relay"


def test_a_key_of_any_name_is_looked_for_in_the_logs() -> None:
    secret = {"base_url": "https://x.example.com", "stamp": "s-1", "headers": {"X-Key": "h-1"}, "username": "relay"}

    assert credentials_of(PostOfficeConnection, secret) == {"s-1", "h-1"}


def test_a_secret_with_a_key_of_any_name_can_be_tried() -> None:
    secret = PostOfficeConnection.model_validate(secret_of(PostOfficeConnection, "sentinel"))

    assert (secret.stamp, secret.headers) == ("sentinel", {"X-Key": "sentinel"})


def test_every_registered_action_has_a_class_in_the_suite() -> None:
    classes = [
        each
        for vendor in {vendor for vendor, _ in ACTIONS}
        for each in vars(import_module(f"tests.vendors.{vendor}.test_conformance")).values()
        if isinstance(each, type) and issubclass(each, Conformance) and each.__name__.startswith("Test")
    ]
    assert sorted((each.spec.vendor, each.spec.action) for each in classes) == sorted(ACTIONS)


def test_every_registered_vendor_is_held_to_know_nothing_of_another() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    [modules] = [each["modules"] for each in contracts if each["name"] == "One vendor knows nothing of another"]
    assert set(modules) == {f"shared.vendors.{vendor}" for vendor, _ in ACTIONS}
