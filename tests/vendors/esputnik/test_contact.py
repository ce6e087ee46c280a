"""A contact as eSputnik holds it, whatever its members look like."""

from __future__ import annotations

from typing import Any

import pytest

from shared.vendors.esputnik.contact import has_channel, merged

CHANNEL = {"type": "email", "value": "ann@example.com"}
WANTED = {
    "channels": [CHANNEL],
    "firstName": "Ann",
    "address": {"town": "Springfield"},
    "fields": [{"id": 7, "value": "a"}],
}


@pytest.mark.parametrize(
    "held",
    [
        {"channels": None, "address": None, "fields": None},
        {"channels": "ann@example.com"},
        {"channels": {"email": "ann@example.com"}},
        {"address": "1 Main Street"},
        {"address": ["1 Main Street"]},
        {"fields": {"7": "b"}},
        {"fields": [{"id": "size", "value": "b"}, {"id": None}, "text"]},
    ],
)
def test_members_of_another_type_never_stop_a_delivery(held: dict[str, Any]) -> None:
    contact, _ = merged(held, WANTED)
    assert (contact["firstName"], contact["address"]["town"]) == ("Ann", "Springfield")
    assert contact["fields"] == [{"id": 7, "value": "a"}]
    assert has_channel(contact, CHANNEL)
    assert not has_channel(held, CHANNEL)
