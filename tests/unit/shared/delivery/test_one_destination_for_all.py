"""One visitor, one refusal or one secret must not cost the other visitors of a destination anything."""

from __future__ import annotations

import pytest

from shared.delivery.outcome import Delivered, Held, Parked, Queued
from shared.errors import Forbidden, RateLimited, Unauthorized
from shared.person_record import PersonRecord
from shared.vendors.protocol import DeliveryRequest, WriteResult
from tests.support.delivery_scene import Scene, write


@pytest.fixture
def scene() -> Scene:
    return Scene()


def _forbid(scene: Scene) -> None:
    scene.vendor.raises(Forbidden("fake", "create contact", status=403, answer="blocked"))


def test_one_visitor_whom_a_firewall_blocks_does_not_hold_the_destination_for_the_others(scene: Scene) -> None:
    scene.vendor.probe = lambda connection, http, deadline: None
    _forbid(scene)
    attempt = scene.attempt()
    assert (attempt.outcome, attempt.answer) == (Parked("refused"), "blocked")
    assert "held_since" not in scene.gate
    scene.vendor.does = write
    assert scene.deliver(scene.sign_up("s-2", email="bob@example.com")) == Delivered()


@pytest.mark.parametrize("error", [Forbidden, Unauthorized])
def test_a_key_that_lacks_its_rights_holds_the_destination_and_parks_nobody(
    scene: Scene, error: type[Forbidden | Unauthorized]
) -> None:
    def refused(*_: object) -> None:
        raise error("fake", "probe", status=403)

    scene.vendor.probe = refused
    _forbid(scene)
    assert scene.deliver() == Held()
    assert scene.gate["held_because"] == "refused"


def test_a_403_of_a_vendor_without_a_probe_is_tried_again_and_holds_nobody(scene: Scene) -> None:
    _forbid(scene)
    assert scene.deliver() == Queued("forbidden")
    assert "held_since" not in scene.gate


def test_six_sign_ups_after_a_retry_after_are_one_request_and_no_longer_ban(scene: Scene) -> None:
    scene.vendor.raises(RateLimited("fake", "create contact", status=429, retry_after=600.0))
    outcomes = [scene.deliver(scene.sign_up(f"s-{n}", email=f"ada{n}@example.com")) for n in range(6)]
    assert outcomes[0] == Queued("rate-limited", retry_in=600.0)
    assert outcomes[1:] == [Queued("rate-limited", retry_in=600.0, is_attempt=False)] * 5
    assert len(scene.vendor.requests) == 1
    scene.delivery = scene.environment()
    scene.deliver(scene.sign_up("s-7", email="eve@example.com"))
    assert len(scene.vendor.requests) == 1, "nor does another environment ask"
    scene.clock.advance(600)
    scene.vendor.does = write
    assert scene.deliver() == Delivered()


def test_two_destinations_of_one_account_make_one_contact_of_a_person(scene: Scene) -> None:
    scene.secrets.of_others = {"same": {"key": "old"}}
    scene.deliver(scene.sign_up("s-1"))
    scene.deliver(scene.sign_up("s-2", form="event"), to="same")
    assert len(scene.people) == 1, "one lease, one memory"


def test_a_secret_that_is_pointed_at_another_account_finds_nothing_remembered_of_the_first(scene: Scene) -> None:
    seen: list[str | None] = []

    def remember(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        seen.append(record.contact_id)
        record.contact_id = "17"
        return WriteResult()

    scene.vendor.does = remember
    scene.deliver(scene.sign_up("s-1"))
    scene.secrets.known = scene.secrets.fresh = {"key": "of another account"}
    scene.deliver(scene.sign_up("s-2"))
    assert seen == [None, None], "an id of one account may be another person's in the other"


def test_a_rotated_key_of_a_named_account_still_finds_what_is_remembered(scene: Scene) -> None:
    scene.secrets.known = {"key": "old", "account": "clinic"}
    scene.deliver(scene.sign_up("s-1"))
    scene.secrets.known = {"key": "new", "account": "clinic"}
    scene.deliver(scene.sign_up("s-2"))
    assert len(scene.people) == 1


def test_a_look_at_a_paused_destination_asks_the_ledger_once(scene: Scene) -> None:
    scene.delivery.gatekeeper.gates.pause(scene.name, 600)
    scene.delivery = scene.environment()
    scene.table.calls.clear()
    scene.deliver()
    assert scene.table.calls == [f"get gate#{scene.name}"]
