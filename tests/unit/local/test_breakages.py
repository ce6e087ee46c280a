"""What a vendor's buttons do to its twin."""

from __future__ import annotations

import pytest

from local.breakages import BREAKAGES
from local.twins import TWINS
from local.twins.messages import Request


@pytest.mark.parametrize("vendor", TWINS)
def test_a_changed_key_is_another_one_at_the_same_address(vendor: str) -> None:
    twin = TWINS[vendor]()
    before = dict(twin.connection())

    twin.change_key()

    after = dict(twin.connection())
    assert after != before
    assert after["base_url"] == before["base_url"]
    assert after.keys() == before.keys()


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_fault_meets_the_next_write_and_no_search(name: str) -> None:
    twin = TWINS["pulse"]()
    twin.faults.script(BREAKAGES[name].fault)

    assert twin.faults.draw(Request("GET", "/contacts/search")) is None
    assert twin.faults.draw(Request("POST", "/contacts/search")) is None
    assert twin.faults.draw(Request("POST", "/contacts")) is not None
    assert twin.faults.draw(Request("POST", "/contacts")) is None
