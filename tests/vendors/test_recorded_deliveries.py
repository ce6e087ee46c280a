"""What holds for the recorded requests of every vendor and action together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.vendors.registry import ACTIONS
from tests.vendors.recording import FOLDER

RECORDED: dict[str, list[dict[str, Any]]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for vendor, action in ACTIONS
    for path in FOLDER.glob(f"{vendor}_{action}_*.json")
}


@pytest.mark.parametrize(("vendor", "action"), ACTIONS)
def test_every_action_is_recorded_for_a_full_and_for_a_minimal_contact(vendor: str, action: str) -> None:
    sizes = {name.rpartition("_")[2] for name in RECORDED if name.startswith(f"{vendor}_{action}_")}
    assert sizes == {"full", "minimal"}


@pytest.mark.parametrize("name", RECORDED)
def test_no_delivery_deletes_anybody(name: str) -> None:
    assert {request["method"] for request in RECORDED[name]} <= {"GET", "POST", "PUT"}
    assert "IsDeleted" not in json.dumps(RECORDED[name])


@pytest.mark.parametrize("name", RECORDED)
def test_no_delivery_sends_a_message_or_writes_a_contact_by_a_second_way(name: str) -> None:
    paths = " ".join(request["path"] for request in RECORDED[name]).lower()
    assert not [
        way for way in ("send", "journeys", "unsubscribed", "/remove", "/detach", "contactform") if way in paths
    ]


@pytest.mark.parametrize("name", RECORDED)
def test_no_recorded_request_holds_a_secret(name: str) -> None:
    shown = [value for request in RECORDED[name] for header, value in request["headers"].items() if _is_secret(header)]
    assert shown
    assert all("<secret>" in value for value in shown)


def _is_secret(header: str) -> bool:
    return header in {"authorization", "x-account", "apikey", "x-api-key"}
