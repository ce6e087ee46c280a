"""What a new vendor must not forget: a class in the conformance suite, and its place in the rules on imports."""

from __future__ import annotations

import tomllib
from importlib import import_module

from shared.vendors.registry import ACTIONS
from tests.support.paths import ROOT
from tests.vendors.conformance.suite import Conformance


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
