"""What a vendor says of itself for the suite: its action, its twin, and how a contact looks there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from local.twins.messages import Record
from local.twins.server import Twin
from shared.contact import Channel
from shared.vendors.protocol import ActionSpec
from tests.support.vendor_options import options_of
from tests.vendors.conformance.ability import Ability

EMAIL = "ann@example.com"
PHONE = "+12025550143"
PERSON: dict[str, Any] = {"email": EMAIL, "phone": PHONE}
NEAR_MISSES = {
    "email": ("joann@example.com", "ann@example.com.au", "ann@example.org", "ann+news@example.com"),
    "phone": (f"{PHONE}9", "+4412025550143", "+12025550144"),
}
"""By what a person is known by: whom a fuzzy search may show beside them."""
SPELLINGS = {"email": ("ANN@example.com",), "phone": ("12025550143",)}
"""By what a person is known by: how a vendor may hold the same value."""

FAILURES: list[Any] = [
    {"success": False},
    {"errors": ["no"]},
    {"error": "no"},
    {"error": {"message": "no"}},
    {"statusCode": 422},
]
"""Bodies of a 200 that say no at any vendor."""


@dataclass(frozen=True)
class Seen:
    """A contact at the vendor, in our words; `consents` are the channels that are switched on."""

    known_by: str
    first_name: str
    consents: frozenset[Channel] = frozenset()


@dataclass(frozen=True)
class Sample:
    """Another value of an option, where the value alone does not show what the option does."""

    value: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
    """Other options that the effect needs."""
    is_refused: bool = False
    """The option only forbids: with this value a form file's options are refused."""


class VendorUnderTest:
    """What the class of one vendor's action has to say; the sentences stand in `suite.py`."""

    spec: ClassVar[ActionSpec]
    """The action, as it is registered."""
    options: ClassVar[Mapping[str, Any]] = {}
    """Those that a form must give, and one of each that writes to the contact, such as a tag: only so the suite sees
    what it does to what is held."""
    samples: ClassVar[Mapping[str, Any]] = {}
    """Each option the spec has → another value, or a `Sample`: a delivery with it is not the same as without it."""
    known_by: ClassVar[str] = "email"
    """The contact attribute by which the vendor knows a person."""
    custom: ClassVar[Mapping[str | int, Any]] = {"size": "20+"}
    """A custom field, as the vendor names such, for which `as_held` holds another value; empty: a contact has none."""
    consents: ClassVar[tuple[Channel, ...]] = ()
    """The channels for which a contact has a place."""
    cannot: ClassVar[Mapping[Ability, str]] = {}
    """What the vendor cannot do → why; the tests that need it are no tests of this class."""
    writes: ClassVar[str] = "POST|PUT|PATCH"
    """The methods of calls that change what the vendor holds, as a regular expression."""
    reads: ClassVar[str] = "GET"
    """The methods of the others."""
    failures: ClassVar[tuple[Any, ...]] = ()
    """Bodies of a 200 by which this vendor itself says no, as its documentation shows them."""

    def twin(self) -> Twin:
        """Return the vendor's twin, with the switches that suit the options."""
        raise NotImplementedError

    def as_held(self, known_by: str, first_name: str, consents: frozenset[Channel] = frozenset()) -> Record:
        """Return what `twin.seed` takes: a contact named Lee, with as much beside it as the vendor can hold."""
        raise NotImplementedError

    def seen(self, held: Record) -> Seen:
        """Return a contact of the twin in our words."""
        raise NotImplementedError

    def time_passes(self, twin: Twin) -> None:
        """Let what the twin remembers for a minute be forgotten."""

    def options_of_another_form(self) -> Mapping[str, Any]:
        """Return the options with other names in each list of names, as another form would have them."""
        return {name: _others(value) if isinstance(value, list) else value for name, value in self.options.items()}

    def __init_subclass__(cls) -> None:
        """Leave out the tests of what the vendor cannot do."""
        for name in dir(cls):
            if getattr(getattr(cls, name), "needs", frozenset()) & cls.cannot.keys():
                setattr(cls, name, None)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Ask about each option, each consent that a contact has a place for, and each way to say no inside a 200."""
        if "channel" in metafunc.fixturenames:
            metafunc.parametrize("channel", self.consents)
        if "option" in metafunc.fixturenames:
            metafunc.parametrize("option", options_of(self.spec))
        if "failure" in metafunc.fixturenames:
            metafunc.parametrize("failure", [*FAILURES, *self._own_failures()], ids=str)

    def _own_failures(self) -> Iterator[Any]:
        """Yield how this vendor says no: as the class tells, and as its twin answers a 4xx, where that is JSON."""
        yield from self.failures
        refusal = self.twin().refusal(422, "An error has occurred.")
        if refusal.content_type == "application/json":
            yield json.loads(refusal.body)


def _others(names: list[Any]) -> list[Any]:
    return [f"{name} 2" if isinstance(name, str) else name for name in names]
