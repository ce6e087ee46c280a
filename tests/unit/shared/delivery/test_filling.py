"""`write = "fill"` and older sign-ups: who found a value there has not written it."""

from __future__ import annotations

import pytest

from shared.delivery.outcome import Delivered
from shared.errors import Refused
from shared.person_record import PersonRecord
from shared.vendors.filling import without_held
from shared.vendors.protocol import DeliveryRequest, WriteResult
from tests.support.delivery_scene import Scene, write


@pytest.fixture
def scene() -> Scene:
    return Scene(filled=frozenset({"first_name", "city"}))


def _holds_a_first_name(scene: Scene, *, then_fails: bool = False) -> None:
    def fill(request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        without_held(request, record, scene.vendor, lambda name: name == "first_name")  # type: ignore[arg-type]
        record.confirmed = True
        if then_fails:
            raise Refused("fake", "add tags", status=400)
        return WriteResult()

    scene.vendor.does = fill


@pytest.mark.parametrize("then_fails", [False, True])
def test_an_older_sign_up_still_overwrites_what_a_newer_one_found_and_left(scene: Scene, then_fails: bool) -> None:
    older = scene.sign_up("s-1", form="profile", first_name="Ann", city="Salem", last_name="Lee")
    scene.clock.advance(1)
    _holds_a_first_name(scene, then_fails=then_fails)
    scene.deliver(scene.sign_up("s-2", first_name="Ada", city="Boston", last_name="King"))

    scene.vendor.does, scene.filled = write, frozenset()
    assert scene.deliver(older) == Delivered()
    late = scene.vendor.requests[-1].contact
    assert (late.first_name, late.city, late.last_name) == ("Ann", None, None)


def test_a_delivery_is_told_what_it_may_only_fill(scene: Scene) -> None:
    scene.deliver(scene.sign_up(first_name="Ada", last_name="King"))
    assert scene.vendor.requests[-1].fill == {"first_name"}


def test_what_a_newer_sign_up_filled_is_not_overwritten_by_an_older_one(scene: Scene) -> None:
    older = scene.sign_up("s-1", form="profile", first_name="Ann")
    scene.clock.advance(1)
    scene.deliver(scene.sign_up("s-2", first_name="Ada"))

    scene.filled = frozenset()
    scene.deliver(older)
    assert scene.vendor.requests[-1].contact.first_name is None
