"""What an older sign-up may still write, and what it must leave alone: with a vendor that may write late itself."""

from __future__ import annotations

import pytest

from shared.delivery.outcome import Delivered, Queued, Superseded
from shared.errors import OutcomeUnknown, Unavailable
from shared.vendors.protocol import WriteResult
from tests.support.delivery_scene import BUDGET, SEARCH_LAG, Scene, write


@pytest.fixture
def scene() -> Scene:
    return Scene()


def _lost_answer(scene: Scene) -> None:
    scene.vendor.raises(OutcomeUnknown("fake", "update contact"))


def test_a_typo_that_the_vendor_writes_late_does_not_overwrite_the_corrected_sign_up(scene: Scene) -> None:
    _lost_answer(scene)
    typo = scene.sign_up("s-1", first_name="Adda")
    assert scene.deliver(typo) == Queued("outcome-unknown")

    scene.clock.advance(1)
    scene.vendor.does = write
    corrected = scene.sign_up("s-2", first_name="Ada")
    waiting = scene.deliver(corrected)
    assert waiting == Queued("look-again", retry_in=BUDGET - 1 + SEARCH_LAG, is_attempt=False)
    assert len(scene.vendor.requests) == 1, "the vendor may still work on the typo"

    scene.clock.advance(BUDGET - 1 + SEARCH_LAG)
    assert scene.deliver(corrected) == Delivered()
    assert scene.vendor.requests[-1].contact.first_name == "Ada"
    assert scene.deliver(typo) == Superseded()


def test_a_typo_whose_process_died_after_the_vendors_write_does_not_overwrite_the_corrected_sign_up(
    scene: Scene,
) -> None:
    typo = scene.sign_up("s-1", first_name="Adda")
    scene.crash(typo)
    assert "lease" in scene.person, "never released"

    scene.clock.advance(60)
    corrected = scene.sign_up("s-2", first_name="Ada")
    assert scene.deliver(corrected) == Delivered()
    assert scene.deliver(typo) == Superseded()
    assert [request.contact.first_name for request in scene.vendor.requests] == ["Adda", "Ada"]


def test_a_newer_sign_up_waits_for_a_dead_process_whose_write_the_vendor_may_still_work_on(scene: Scene) -> None:
    scene.crash(scene.sign_up("s-1", first_name="Adda"))
    scene.clock.advance(20)
    waiting = scene.deliver(scene.sign_up("s-2", first_name="Ada"))
    assert isinstance(waiting, Queued)
    assert (waiting.reason, waiting.is_attempt) == ("look-again", False)


def test_an_older_retry_does_not_overwrite_what_a_dead_process_wrote_for_a_newer_sign_up(scene: Scene) -> None:
    older = scene.sign_up("s-1", first_name="Adda")
    scene.clock.advance(1)
    scene.crash(scene.sign_up("s-2", first_name="Ada"))
    scene.clock.advance(60)
    scene.deliver(older)
    assert [request.contact.first_name for request in scene.vendor.requests] == ["Ada", None]


def test_a_write_that_failed_for_certain_makes_nobody_wait(scene: Scene) -> None:
    scene.vendor.raises(Unavailable("fake", "update contact", status=503))
    scene.deliver(scene.sign_up("s-1", first_name="Adda"))
    scene.clock.advance(1)
    scene.vendor.does = write
    assert scene.deliver(scene.sign_up("s-2", first_name="Ada")) == Delivered()


def test_consent_and_phone_that_a_newer_sign_up_of_the_same_form_left_unsaid_are_not_lost(scene: Scene) -> None:
    older = scene.sign_up("s-1", channels=("email",), first_name="Adda", phone="+12025550143")
    scene.clock.advance(1)
    scene.deliver(scene.sign_up("s-2", first_name="Ada"))

    assert scene.deliver(older) == Delivered()
    late = scene.vendor.requests[-1]
    assert (late.contact.phone, late.contact.first_name) == ("+12025550143", None)
    assert late.channels == {"email"}
    assert late.is_late, "the form's workflow event is not run again"


def test_a_sign_up_of_another_form_is_not_late_and_runs_its_event(scene: Scene) -> None:
    older = scene.sign_up("s-1", form="event", city="Springfield")
    scene.clock.advance(1)
    scene.deliver(scene.sign_up("s-2", form="news"))
    scene.deliver(older)
    assert not scene.vendor.requests[-1].is_late


def test_a_valid_older_value_is_not_dropped_for_one_that_the_vendor_never_got(scene: Scene) -> None:
    older = scene.sign_up("s-1", npi="1234567890")
    scene.clock.advance(1)
    scene.vendor.does = lambda request, record: WriteResult(left_out=("npi",))
    scene.deliver(scene.sign_up("s-2", npi="not an NPI"))
    scene.vendor.does = write
    assert scene.deliver(older) == Delivered()
    assert scene.vendor.requests[-1].contact.npi == "1234567890"


def test_each_answer_to_a_form_is_delivered_where_each_is_a_matter_of_its_own(scene: Scene) -> None:
    scene.vendor.each_submission = True
    scene.custom_fields = {"question": "question"}
    older = scene.sign_up("s-1", custom={"question": "When?"})
    scene.clock.advance(1)
    scene.deliver(scene.sign_up("s-2", custom={"question": "Where?"}))
    assert [scene.deliver(older), scene.deliver(older)] == [Delivered(), Delivered()]
    assert [request.custom["question"] for request in scene.vendor.requests] == ["Where?", "When?"]
    assert not scene.vendor.requests[-1].is_late
