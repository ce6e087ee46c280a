"""Every registered action passes the conformance suite."""

from __future__ import annotations

from importlib import import_module

from shared.vendors.registry import ACTIONS
from tests.vendors.conformance.suite import Conformance


def test_every_registered_action_has_a_class_in_the_suite() -> None:
    classes = [
        each
        for vendor in {vendor for vendor, _ in ACTIONS}
        for each in vars(import_module(f"tests.vendors.{vendor}.test_conformance")).values()
        if isinstance(each, type) and issubclass(each, Conformance) and each.__name__.startswith("Test")
    ]
    assert sorted((each.spec.vendor, each.spec.action) for each in classes) == sorted(ACTIONS)
