"""What holds for the recorded requests of every vendor and action together."""

from __future__ import annotations

import json
from typing import Any

from shared.vendors.registry import ACTIONS
from tests.vendors.recording import FOLDER

RECORDED: dict[str, list[dict[str, Any]]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for vendor, action in ACTIONS
    for path in FOLDER.glob(f"{vendor}_{action}_*.json")
}
CREDENTIALS = {"authorization", "x-account", "apikey", "x-api-key"}


def test_every_action_is_recorded_for_a_full_and_for_a_minimal_contact() -> None:
    for vendor, action in ACTIONS:
        sizes = {name.rpartition("_")[2] for name in RECORDED if name.startswith(f"{vendor}_{action}_")}
        assert sizes == {"full", "minimal"}, f"record the requests of {vendor} {action}, as test_requests.py does"


def test_no_delivery_deletes_anybody() -> None:
    for name, requests in RECORDED.items():
        assert {request["method"] for request in requests} <= {"GET", "POST", "PUT", "PATCH"}, name
        assert "IsDeleted" not in json.dumps(requests), name


def test_no_delivery_sends_a_message_or_writes_a_contact_by_a_second_way() -> None:
    forbidden = ("send", "journeys", "unsubscribed", "/remove", "/detach", "contactform")
    for name, requests in RECORDED.items():
        paths = " ".join(request["path"] for request in requests).lower()
        assert not [way for way in forbidden if way in paths], name


def test_no_recorded_request_holds_a_secret() -> None:
    for name, requests in RECORDED.items():
        for request in requests:
            masked = {header for header, value in request["headers"].items() if "<secret>" in value}
            assert masked, name
            assert CREDENTIALS & request["headers"].keys() <= masked, name
