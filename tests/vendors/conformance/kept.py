"""A write says only what this sign-up says: no consent is invented or lost, nothing is wiped, nothing is repeated."""

from __future__ import annotations

from contextlib import suppress

from shared.contact import Channel
from shared.errors import TryLater
from tests.support.vendor_fakes import ALL_CHANNELS, FULL
from tests.vendors.conformance.ability import Ability, needs
from tests.vendors.conformance.scene import ALWAYS, Scene, leaves, lost
from tests.vendors.conformance.vendor import PERSON, VendorUnderTest


class Kept(VendorUnderTest):
    """Consent, other fields, repeats."""

    # Consent.

    @needs(Ability.CONSENT)
    def test_nobody_is_subscribed_by_their_silence(self, scene: Scene) -> None:
        scene.sign_up(**PERSON)
        assert scene.consents() == set()

    @needs(Ability.CONSENT)
    def test_a_consent_is_given_for_its_own_channel_only(self, scene: Scene, channel: Channel) -> None:
        scene.sign_up(channels=[channel], **PERSON)
        assert scene.consents() == {channel}

    @needs(Ability.CONSENT)
    def test_a_box_left_empty_takes_no_consent_back(self, scene: Scene, channel: Channel) -> None:
        scene.sign_up("Ada", channels=[channel], **PERSON)
        scene.sign_up("Augusta", **PERSON)
        assert scene.consents() == {channel}

    @needs(Ability.CONSENT)
    def test_a_consent_that_is_given_later_counts(self, scene: Scene, channel: Channel) -> None:
        scene.sign_up("Ada", **PERSON)
        scene.sign_up("Ada", channels=[channel], **PERSON)
        assert scene.consents() == {channel}

    @needs(Ability.CONSENT, Ability.ADOPT)
    def test_who_has_left_is_not_subscribed_again(self, scene: Scene) -> None:
        scene.vendor_holds()
        scene.sign_up("Augusta", **PERSON)
        assert scene.consents() == set()

    @needs(Ability.CONSENT, Ability.ADOPT)
    def test_who_has_consented_elsewhere_stays_so(self, scene: Scene, channel: Channel) -> None:
        scene.vendor_holds(consents=[channel])
        scene.sign_up("Augusta", **PERSON)
        assert scene.consents() == {channel}

    @needs(Ability.CONSENT, Ability.ADOPT)
    def test_a_consent_to_one_channel_leaves_the_others_off(self, scene: Scene, channel: Channel) -> None:
        scene.vendor_holds()
        scene.sign_up("Augusta", channels=[channel], **PERSON)
        assert scene.consents() == {channel}

    def test_a_consent_that_has_no_place_is_not_sent(self, scene: Scene) -> None:
        scene.sign_up(**PERSON)
        silent = scene.sent()
        scene.start_over()
        scene.sign_up(channels=set(ALL_CHANNELS) - set(self.consents), **PERSON)
        assert scene.sent() == silent

    # What is held.

    @needs(Ability.ADOPT)
    def test_what_the_sign_up_does_not_mention_stays(self, scene: Scene) -> None:
        scene.vendor_holds(first_name="Ann")
        before = scene.twin.contacts()
        scene.sign_up("Augusta")
        assert lost(before, scene.twin.contacts(), unless="Augusta") == {}

    def test_what_an_earlier_sign_up_said_stays(self, scene: Scene) -> None:
        scene.sign_up_fully()
        before = scene.twin.contacts()
        scene.sign_up("Augusta")
        assert lost(before, scene.twin.contacts(), unless="Augusta") == {}

    def test_neither_null_nor_an_empty_text_is_sent(self, scene: Scene) -> None:
        for first_name in ("Ada", "Augusta"):
            scene.sign_up(first_name)
        assert not {None, ""} & {value for body in scene.sent() for _, value in leaves(body)}

    def test_a_full_contact_is_taken_and_what_has_no_place_is_counted(self, scene: Scene) -> None:
        result = scene.sign_up_fully()
        places = self.spec.options.model_validate(self.options).sends()
        assert scene.first_names() == ["Ada"]
        assert FULL.keys() - places <= set(result.left_out)
        assert not places & set(result.left_out)

    # Only what is missing.

    @needs(Ability.SEARCH)
    def test_a_field_that_is_only_filled_stays_where_the_vendor_holds_it(self, scene: Scene) -> None:
        scene.vendor_holds(first_name="Ann")
        before = scene.twin.contacts()
        scene.sign_up_fully(channels=(), fill=self.fields())
        assert lost(before, scene.twin.contacts()) == {}

    @needs(Ability.SEARCH)
    def test_only_the_named_fields_are_filled(self, scene: Scene) -> None:
        scene.vendor_holds(first_name="Ann")
        first_name = self.spec.options.model_validate(self.options).target_field("first_name")
        scene.sign_up("Augusta", fill=[first_name], custom=dict(self.custom))
        [contact] = scene.twin.contacts()
        assert self.seen(contact).first_name == "Ann"
        assert set(self.custom.values()) <= {value for _, value in leaves(contact)}

    @needs(Ability.SEARCH)
    def test_a_field_that_is_only_filled_is_not_overwritten_unseen(self, scene: Scene) -> None:
        scene.twin.options.search_lag = ALWAYS
        scene.sign_up("Ada")
        with suppress(TryLater):
            scene.sign_up("Augusta", fill=self.fields())
        assert scene.first_names() == ["Ada"]

    @needs(Ability.SEARCH)
    def test_a_new_contact_gets_the_fields_that_are_only_filled(self, scene: Scene) -> None:
        scene.sign_up_fully()
        sent = scene.sent()
        scene.start_over()
        scene.sign_up_fully(fill=self.fields())
        assert scene.sent() == sent

    def fields(self) -> set[str]:
        """Return the vendor's fields, as the late-write guard calls them."""
        options = self.spec.options.model_validate(self.options)
        custom = [f"custom.{name}" for name in self.custom]
        return {options.target_field(name) for name in (*FULL, *custom) if name != self.known_by}

    # Repeats.

    def test_the_same_sign_up_delivered_again_changes_nothing(self, scene: Scene) -> None:
        scene.sign_up_fully()
        before = scene.twin.contacts()
        scene.wait()
        scene.sign_up_fully()
        assert lost(before, scene.twin.contacts()) == {}
        assert scene.first_names() == ["Ada"]

    @needs(Ability.SEARCH)
    def test_what_the_vendor_has_already_is_not_written_again(self, scene: Scene) -> None:
        scene.sign_up_fully()
        written = len(scene.twin.writes())
        scene.wait()
        scene.sign_up_fully()
        assert len(scene.twin.writes()) == written
