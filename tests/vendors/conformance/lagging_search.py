"""A search that is behind: what it still shows is neither missing nor true any more."""

from __future__ import annotations

from contextlib import suppress

import pytest

from shared.errors import TryLater
from tests.vendors.conformance.ability import Ability, needs
from tests.vendors.conformance.scene import ALWAYS, Scene, leaves, lost
from tests.vendors.conformance.vendor import VendorUnderTest


class LaggingSearch(VendorUnderTest):
    """No second contact, no change undone, no change taken for made."""

    @needs(Ability.SEARCH)
    def test_a_contact_that_the_search_does_not_show_yet_is_not_made_twice(self, scene: Scene) -> None:
        scene.twin.options.search_lag = ALWAYS
        scene.sign_up("Ada")
        with suppress(TryLater):  # with another name it may be another person: some wait and look again
            scene.sign_up("Augusta")
        assert len(scene.seen()) == 1
        scene.search_catches_up()
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.SEARCH)
    def test_the_remembered_id_hides_the_lag_of_the_search(self, scene: Scene) -> None:
        scene.twin.options.search_lag = ALWAYS
        scene.sign_up("Ada")
        scene.sign_up("Ada", custom=dict(self.custom))
        [contact] = scene.twin.contacts()
        assert set(self.custom.values()) <= {value for _, value in leaves(contact)}

    @needs(Ability.SEARCH)
    def test_a_new_contact_that_the_search_shows_only_now_and_then_is_not_made_twice(self, scene: Scene) -> None:
        # Given a contact that was found once, by one of several indexes
        scene.sign_up("Ada")
        scene.sign_up("Ada")
        # When the next one does not have it yet
        scene.twin.options.search_lag = ALWAYS
        with suppress(TryLater):
            scene.sign_up("Augusta")
        assert len(scene.seen()) == 1
        # Then the change is made once it has
        scene.search_catches_up()
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.SEARCH)
    def test_a_new_contact_that_the_vendor_does_not_know_by_its_id_yet_is_not_made_twice(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        scene.twin.options.search_lag = ALWAYS
        scene.twin.fail("status", status=404, path=rf"/{scene.record.contact_id}(/|$)", count=None)
        with pytest.raises(TryLater):
            scene.sign_up("Ada", custom=dict(self.custom))
        assert len(scene.seen()) == 1
        scene.twin.faults.clear()
        scene.search_catches_up()
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.SEARCH)
    def test_what_the_search_does_not_show_yet_is_not_undone(self, scene: Scene) -> None:
        # Given a search that goes on showing the contact as it was before another form changed it
        scene.vendor_holds(first_name="Ann")
        scene.twin.age_index()
        scene.twin.options.search_lag = ALWAYS
        scene.sign_up("Augusta", last_name="Byron", custom=dict(self.custom), options=self.options_of_another_form())
        before = scene.twin.contacts()
        assert len(before) == 1, "the twin does not search in `self.index`, or a second contact was made"

        # When a sign-up is delivered by somebody who does not remember that change
        scene.forget()
        scene.sign_up("Augusta", last_name=None)

        # Then the change is still there
        assert lost(before, scene.twin.contacts(), unless="Augusta") == {}

    def test_a_change_that_is_taken_back_at_once_is_written(self, scene: Scene) -> None:
        # Given a correction that a lagging search does not show: it goes on showing the first values
        first, second = dict(self.custom), {name: f"{value} 2" for name, value in self.custom.items()}
        scene.sign_up("Ada", custom=first)
        before = scene.twin.contacts()
        scene.twin.age_index()
        scene.twin.options.search_lag = ALWAYS
        scene.sign_up("Augusta", custom=second)
        assert scene.first_names() == ["Augusta"]

        # When the person goes back to the first values
        try:
            scene.sign_up("Ada", custom=first)
        except TryLater:  # until the search shows the correction, or a vendor's minute is over
            scene.search_catches_up()
            scene.sign_up("Ada", custom=first)

        # Then the vendor holds them, though what was shown said so before
        assert lost(before, scene.twin.contacts()) == {}
