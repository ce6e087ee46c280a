"""No option is accepted and then ignored: each one changes what some delivery sends, or what it makes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from shared.errors import VendorError
from tests.support.vendor_fakes import ALL_CHANNELS, FULL
from tests.vendors.conformance.ability import Ability
from tests.vendors.conformance.right_person import many_near_misses
from tests.vendors.conformance.scene import ALWAYS, Scene
from tests.vendors.conformance.vendor import Sample, VendorUnderTest

ABROAD = {"phone": "+493012345678", "address_line1": "Am Markt 1", "city": "Berlin", "state": "BE"}
ABROAD |= {"postal_code": "10115"}
REFUSAL = {"message": "That is taken."}
"""In words of which no vendor makes anything, unless an option names them."""

Deliveries = Iterator[Callable[[], Any]]


class EachOption(VendorUnderTest):
    """`samples`, one by one."""

    def test_an_option_has_an_effect(self, scene: Scene, option: str) -> None:
        # Given a value for the option that differs from what the other tests deliver with
        if option not in self.samples:
            pytest.fail(f"`samples` has no value for the option {option}: give one that changes a delivery")
        sample = self.samples[option]
        sample = sample if isinstance(sample, Sample) else Sample(sample)
        plain = {**self.options, **sample.beside}
        changed = with_option(plain, option, sample.value)
        if sample.is_refused:
            with pytest.raises(ValidationError):
                self.spec.options.model_validate(changed)
            return

        # When everything is delivered without it, repeatedly since a process remembers some answers, and with it
        _, before, again = (self.observed(scene, plain) for _ in range(3))
        after = self.observed(scene, changed)

        # Then the option makes the difference, and nothing else does
        assert before == again, "what a delivery sends must not depend on chance or on the clock"
        assert before != after, f"{option} = {sample.value!r} changes nothing that is sent or understood"

    def observed(self, scene: Scene, options: Mapping[str, Any]) -> list[Any]:
        """Return what many kinds of deliveries send and how they end, with these options."""
        self.spec.options.model_validate(options)
        seen: list[Any] = []
        for deliver in self._deliveries(scene, options):
            try:
                end: Any = deliver()
            except VendorError as error:
                end = type(error)
            seen += [end, scene.record.contact_id]
            seen += [(entry.method, entry.path, entry.query, entry.body) for entry in scene.twin.requests]
            scene.twin.requests.clear()
        return seen

    def _deliveries(self, scene: Scene, options: Mapping[str, Any]) -> Deliveries:
        sign_up = partial(scene.sign_up, options=options)
        full = {**FULL, "first_name": "Ada", "channels": ALL_CHANNELS, "custom": dict(self.custom)}
        for part in (self._created, self._adopted, self._abroad, self._odd, self._lost):
            scene.start_over()
            scene.wait()
            yield from part(scene, sign_up, full)
            scene.twin.faults.clear()
            scene.twin.options.search_lag = 0

    def _created(self, scene: Scene, sign_up: Callable[..., Any], full: dict[str, Any]) -> Deliveries:
        """Somebody new, again, and hidden from the search."""
        yield partial(sign_up, **full)
        scene.wait()
        yield partial(sign_up, **{**full, "first_name": "Augusta"})
        scene.start_over()
        scene.twin.options.search_lag = ALWAYS
        yield sign_up
        scene.wait()
        yield sign_up

    def _adopted(self, scene: Scene, sign_up: Callable[..., Any], full: dict[str, Any]) -> Deliveries:
        """Somebody whom the vendor knows, alone and among many others."""
        if Ability.ADOPT in self.cannot:
            return
        scene.vendor_holds()
        yield partial(sign_up, **full)
        scene.start_over()
        scene.vendor_holds()
        scene.vendor_holds(*many_near_misses(scene.person))
        yield sign_up

    def _abroad(self, scene: Scene, sign_up: Callable[..., Any], _: dict[str, Any]) -> Deliveries:
        """Somebody from a country that is not named, who has no name either, or that is spelled out."""
        yield partial(sign_up, None, last_name=None, **ABROAD)
        scene.wait()
        yield partial(sign_up, **ABROAD, country="Deutschland")

    def _odd(self, scene: Scene, sign_up: Callable[..., Any], _: dict[str, Any]) -> Deliveries:
        """A long name, numbers, and a refusal."""
        yield partial(sign_up, "A" * 150, channels=ALL_CHANNELS, custom=dict.fromkeys(self.custom, 7))
        scene.start_over()
        scene.breaks_a_write("status", status=422, body=REFUSAL)
        yield sign_up

    def _lost(self, scene: Scene, sign_up: Callable[..., Any], full: dict[str, Any]) -> Deliveries:
        """Answers that are lost until no repeat is made any more."""
        scene.breaks_a_write("drop_after", count=4)
        for _ in range(5):
            yield partial(sign_up, **full)
            scene.wait()


def with_option(options: Mapping[str, Any], option: str, value: Any) -> dict[str, Any]:
    """Return the options with one changed; `answers.contacts` is one of the table `answers`."""
    name, _, inner = option.partition(".")
    return {**options, name: {**options.get(name, {}), inner: value} if inner else value}
