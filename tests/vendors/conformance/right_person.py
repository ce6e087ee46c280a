"""The right person or nobody: one contact for one person, and no other contact touched."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from shared.contact import Contact
from shared.errors import Ambiguous, TryLater, VendorError
from tests.vendors.conformance.ability import Ability, needs
from tests.vendors.conformance.scene import Scene
from tests.vendors.conformance.vendor import NEAR_MISSES, PERSON, SPELLINGS, VendorUnderTest

MISREAD: list[Any] = ["try again later", 7, {"unexpected": "shape"}, ["a text"]]
"""Bodies of a 200 that are no answer to any question."""


def many_near_misses(known_by: str) -> list[str]:
    """Return more addresses or numbers that hold this one than a search shows on its first page, by their beginning."""
    after = [f"{known_by}.{number}" if "@" in known_by else f"{known_by}{number}" for number in range(10, 70)]
    return [*after, *(f"{number}{known_by}" for number in range(10, 70) if "@" in known_by)]


class RightPerson(VendorUnderTest):
    """Create, update, near misses, two matches."""

    def test_somebody_new_becomes_one_contact(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        [contact] = scene.seen()
        assert (contact.known_by, contact.first_name) == (scene.person, "Ada")

    def test_a_second_sign_up_updates_the_contact(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    def test_a_person_whom_the_ledger_forgot_is_not_made_twice(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        scene.forget()
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    def test_a_contact_that_is_gone_is_made_again(self, scene: Scene) -> None:
        scene.sign_up("Ada")
        scene.twin.reset()
        scene.wait()
        scene.sign_up("Ada", company="Clinic")
        assert scene.first_names() == ["Ada"]

    @needs(Ability.ADOPT)
    def test_a_contact_that_was_made_elsewhere_is_updated(self, scene: Scene) -> None:
        scene.vendor_holds(first_name="Ann")
        scene.sign_up("Augusta")
        assert scene.first_names() == ["Augusta"]

    @needs(Ability.ADOPT)
    def test_near_misses_are_somebody_else(self, scene: Scene) -> None:
        near = NEAR_MISSES[self.known_by]
        scene.vendor_holds(*near)
        scene.sign_up("Ada")
        assert {each.known_by: each.first_name for each in scene.seen()} == {
            **dict.fromkeys(near, "Ann"),
            scene.person: "Ada",
        }

    @needs(Ability.SEARCH)
    def test_another_spelling_is_the_same_person(self, scene: Scene) -> None:
        for spelling in SPELLINGS[self.known_by]:
            scene.start_over()
            scene.vendor_holds(spelling)
            scene.sign_up("Augusta")
            assert scene.first_names() == ["Augusta"]

    @needs(Ability.SEARCH)
    @pytest.mark.parametrize("name", ["Ada", None])
    def test_two_matches_that_cannot_be_told_apart_are_left_alone_and_counted(
        self, scene: Scene, name: str | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scene.vendor_holds(first_name="Eve")
        scene.vendor_holds(first_name="Joan")
        with pytest.raises(Ambiguous, match="cannot be told apart"):
            scene.sign_up(name, last_name=name)
        assert not scene.twin.writes()
        assert '"DuplicateAtVendor":[1.0]' in capsys.readouterr().out

    @needs(Ability.SEARCH)
    def test_of_two_matches_the_one_of_this_name_is_updated(self, scene: Scene) -> None:
        scene.vendor_holds(first_name="Eve")
        scene.vendor_holds(first_name="ada")
        scene.sign_up("Ada")
        assert scene.first_names() == ["Eve", "Ada"]

    @needs(Ability.SEARCH)
    def test_a_match_among_many_near_misses_is_never_made_twice(self, scene: Scene) -> None:
        scene.vendor_holds()
        scene.vendor_holds(*many_near_misses(scene.person))
        try:
            scene.sign_up("Augusta")
        except Ambiguous:
            assert not scene.twin.writes()
        assert len([each for each in scene.seen() if each.known_by == scene.person]) == 1

    @needs(Ability.SEARCH)
    @pytest.mark.parametrize("body", MISREAD)
    def test_an_answer_to_a_search_that_is_not_understood_is_not_nobody(self, scene: Scene, body: Any) -> None:
        scene.vendor_holds()
        scene.breaks_a_read("status", status=200, body=body)
        with pytest.raises(VendorError):
            scene.sign_up()
        assert not scene.twin.writes()

    @needs(Ability.SEARCH)
    def test_a_remembered_contact_that_is_somebody_elses_now_is_left_alone(self, scene: Scene) -> None:
        # Given that the contact which is remembered of a person has another address or number now
        somebody_else = NEAR_MISSES[self.known_by][0]
        scene.person = somebody_else
        scene.sign_up("Bob")
        scene.person = PERSON[self.known_by]

        # When the person signs up again
        with suppress(TryLater):  # who cannot read a contact by its id waits
            scene.sign_up("Ada")

        # Then nothing is written to that contact
        assert (somebody_else, "Bob") in [(each.known_by, each.first_name) for each in scene.seen()]

    def test_without_what_the_vendor_knows_people_by_nobody_is_meant(self, scene: Scene) -> None:
        options = self.spec.options.model_validate(self.options)
        assert options.identity(Contact(first_name="Ada", last_name="Lee")) == {}
        assert options.identity(Contact(**{self.known_by: scene.person})) == {self.known_by: scene.person}
        assert any(self.known_by in required for required in options.requires())
