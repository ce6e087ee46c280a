"""Answers that get lost before or after the vendor committed: one contact, no blind repeat, no doubt left behind."""

from __future__ import annotations

import re

import pytest

from shared.errors import OutcomeUnknown, Refused, TryLater, Unavailable
from tests.vendors.conformance.ability import Ability, needs
from tests.vendors.conformance.scene import ALWAYS, Scene
from tests.vendors.conformance.vendor import VendorUnderTest

LOST = ["drop_before", "drop_after", "close_mid_body"]
"""Before the commit, after it, and in the middle of the answer."""
GATEWAY = [408, 500, 502, 504]
"""What a gateway answers that lost patience with a vendor that committed. 503 means "not taken" at some."""


class LostAnswers(VendorUnderTest):
    """Every call, broken."""

    @needs(Ability.READ)
    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_answer_to_a_read_is_asked_for_again(self, scene: Scene, fault: str) -> None:
        scene.breaks_a_read(fault)
        with pytest.raises(Unavailable):
            scene.sign_up("Ada")
        assert scene.record.unconfirmed == []
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    @needs(Ability.SEARCH)
    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_answer_to_any_read_of_an_update_is_asked_for_again(self, scene: Scene, fault: str) -> None:
        scene.vendor_holds()
        scene.sign_up("Ada")
        reads = sum(bool(re.fullmatch(self.reads, entry.method)) for entry in scene.twin.requests)
        for number in range(reads):
            scene.start_over()
            scene.vendor_holds()
            scene.breaks_a_read(fault, skip=number)
            with pytest.raises(Unavailable):
                scene.sign_up("Augusta")
            scene.sign_up("Augusta")
            assert scene.first_names() == ["Augusta"]

    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_create_ends_as_one_contact(self, scene: Scene, fault: str) -> None:
        scene.breaks_a_write(fault)
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Ada")
        scene.wait()
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    @pytest.mark.parametrize("fault", LOST)
    def test_a_lost_update_is_mended_by_delivering_again(self, scene: Scene, fault: str) -> None:
        scene.sign_up("Ada")
        scene.wait()
        scene.breaks_a_write(fault)
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Augusta", company="Clinic")
        scene.wait()
        scene.sign_up("Augusta", company="Clinic")
        assert scene.first_names() == ["Augusta"]

    @pytest.mark.parametrize("status", GATEWAY)
    def test_an_error_that_hides_a_write_ends_as_one_contact(self, scene: Scene, status: int) -> None:
        scene.breaks_a_write("status_after", status=status)
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Ada")
        scene.wait()
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    def test_an_outage_that_answers_is_outlasted(self, scene: Scene) -> None:
        scene.breaks_a_write("status", status=503, count=2)
        for _ in range(2):
            with pytest.raises((OutcomeUnknown, Unavailable)):
                scene.sign_up("Ada")
            scene.wait()
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    @needs(Ability.SEARCH)
    def test_a_lost_create_that_the_search_may_hide_is_not_made_twice(self, scene: Scene) -> None:
        scene.twin.options.search_lag = ALWAYS
        scene.breaks_a_write("drop_after")
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Ada")
        scene.wait(10)
        with pytest.raises(TryLater) as later:
            scene.sign_up("Ada")
        assert later.value.retry_after == 80
        scene.twin.options.search_lag = 0
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.SEARCH)
    def test_a_create_that_the_vendor_still_works_on_is_not_sent_again(self, scene: Scene) -> None:
        scene.breaks_a_write("late_commit")
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Ada")
        scene.wait(10)
        with pytest.raises(TryLater):
            scene.sign_up("Ada")
        scene.twin.work_off()
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    def test_a_write_that_the_vendor_makes_after_its_repeat_makes_no_second_contact(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        scene.wait()
        scene.breaks_a_write("late_commit")
        with pytest.raises(OutcomeUnknown):
            scene.sign_up("Augusta")
        scene.wait()
        scene.sign_up("Augusta")
        scene.twin.work_off()
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.CONFIRM)
    @pytest.mark.parametrize("fault", LOST)
    def test_a_write_that_was_repeated_leaves_no_doubt(self, scene: Scene, fault: str) -> None:
        scene.breaks_a_write(fault)
        with pytest.raises(OutcomeUnknown):
            scene.sign_up()
        scene.wait()
        scene.sign_up()
        assert scene.record.unconfirmed == []

    @pytest.mark.parametrize("status", [400, 422])
    def test_a_write_that_was_refused_leaves_no_doubt_and_is_not_remembered(self, scene: Scene, status: int) -> None:
        scene.breaks_a_write("status", status=status)
        with pytest.raises(Refused):
            scene.sign_up()
        assert (scene.record.contact_id, scene.record.unconfirmed) == (None, [])
        scene.sign_up("Ada")
        assert scene.first_names() == ["Ada"]

    def test_a_vendor_that_cannot_be_reached_leaves_no_doubt(self, scene: Scene) -> None:
        scene.twin.stop()
        with pytest.raises(Unavailable):
            scene.sign_up()
        assert scene.record.unconfirmed == []
