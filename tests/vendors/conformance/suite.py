"""The conformance suite: every vendor's action passes it by a class of its own, which gives a twin and translations.

A class says in `cannot` what its vendor's calls do not allow, and why. Such tests are not collected for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from shared.conditions import Conditional
from shared.http.vendor_http import VendorHttp
from shared.vendors.protocol import Options
from tests.support.vendor_options import options_of
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.answers import Answers
from tests.vendors.conformance.each_option import EachOption
from tests.vendors.conformance.kept import Kept
from tests.vendors.conformance.lagging_search import LaggingSearch
from tests.vendors.conformance.lost_answers import LostAnswers
from tests.vendors.conformance.right_person import RightPerson
from tests.vendors.conformance.scene import Scene


class Conformance(RightPerson, LaggingSearch, LostAnswers, Answers, Kept, EachOption):
    """All that a vendor's action has to hold to."""

    @pytest.fixture
    def scene(self, http: VendorHttp) -> Iterator[Scene]:
        """Nothing is known of the person, here and at the vendor."""
        scene = Scene(self, http)
        with scene.twin:
            yield scene

    def test_what_is_said_of_the_vendor_is_so(self, scene: Scene) -> None:
        """A class that says too little of its vendor would be asked too little."""
        assert names_of_lists(self.spec.options) <= self.options.keys(), "give an entry of each: see `options`"
        assert self.samples.keys() <= options_of(self.spec).keys(), "`samples` has an option that the spec lacks"
        has_custom_fields = self.spec.custom_field_names != frozenset()
        assert has_custom_fields is bool(self.custom), "where a contact has no custom fields, `custom` is empty"
        scene.sign_up()
        said = {
            Ability.READ: any(re.fullmatch(self.reads, entry.method) for entry in scene.twin.requests),
            Ability.SEARCH: self.spec.reads_contact,
            Ability.CONSENT: bool(self.consents),
            Ability.CONFIRM: scene.record.unconfirmed == [],
            Ability.PROBE: self.spec.probe is not None,
        }
        lacking = {ability for ability, is_there in said.items() if not is_there}
        assert lacking == self.cannot.keys() - {Ability.ADOPT}, (
            "SEARCH is `reads_contact`, PROBE is `probe` of the spec"
        )
        assert all(reason.split()[2:] for reason in self.cannot.values())
        carried = self.spec.options.model_validate(self.options).carried_consents()
        assert set(self.consents) <= carried, "`carried_consents` of the options names every channel of `consents`"


def names_of_lists(options: type[Options]) -> set[str]:
    """Return the options that list what a sign-up joins or is given, such as tags."""
    entries = {name: get_args(field.annotation) for name, field in options.model_fields.items()}
    return {
        name
        for name, kinds in entries.items()
        if any(isinstance(kind, type) and issubclass(kind, Conditional) for kind in kinds)
    }
