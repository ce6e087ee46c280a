"""What a vendor has no place for is left out of its call, named in the log and counted: never lost in silence."""

from __future__ import annotations

import pytest

from shared.contact import ATTRIBUTES
from shared.forms import Forms
from shared.vendors.registry import ACTIONS as REGISTERED
from tests.support.actions import ACTIONS
from tests.support.deployment import metrics
from tests.support.relay import Relay

VALUES = {
    "email": "ada@example.com",
    "phone": "+1 516 555 0142",
    "birthday": "1985-12-31",
    "npi": "1234567890",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
    "language": "en",
    "time_zone": "Europe/Kyiv",
}
TYPES = {"email": "email", "phone": "phone", "birthday": "date"}


def form(vendor: str, action: str) -> str:
    """Return a form that asks for everything that a contact can have."""
    fields = "".join(f'[fields.{name}]\ntype = "{TYPES.get(name, "text")}"\n' for name in sorted(ATTRIBUTES))
    return (
        f'title = "All"\nallowed_origins = ["https://www.example.com"]\n{fields}'
        f'[[destinations]]\nname = "d"\nvendor = "{vendor}"\naction = "{action}"\n'
        f"{ACTIONS[vendor, action].options}\n"
    )


def test_every_action_is_tried_here() -> None:
    assert ACTIONS.keys() == REGISTERED.keys(), "tests/support/actions.py takes a line for each action"


@pytest.mark.parametrize(("vendor", "action"), ACTIONS, ids="-".join)
def test_every_attribute_without_a_place_is_counted(
    relay: Relay, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, vendor: str, action: str
) -> None:
    relay.form("all", form(vendor, action))
    relay.twin(vendor, "d")
    (destination,) = Forms(relay.forms).get("all").destinations

    answer = relay.post("all", {name: VALUES.get(name, "Ada") for name in ATTRIBUTES})

    assert answer.json["status"] == "delivered"
    named = {part for record in caplog.records for part in vars(record).get("parts", [])}
    assert sorted(ATTRIBUTES - destination.options.sends() - named) == []
    assert ("PartsLeftOut" in metrics(capsys)) is bool(named)
