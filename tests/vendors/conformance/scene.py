"""One person, one vendor: sign-ups that are delivered to a twin, and what the twin holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.contact import Channel
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action, WriteResult
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, NOW, soon, task
from tests.vendors.conformance.vendor import PERSON, Seen, VendorUnderTest

SEARCH_LAG = 90.0
"""Seconds for which a search may hide what was written; no vendor's own waits are longer."""
ALWAYS = 1e9
"""A search lag that no test outlives."""


class Scene:
    """A twin of the vendor under test, and what the relay remembers of one person there."""

    def __init__(self, vendor: VendorUnderTest, http: VendorHttp) -> None:
        self.vendor = vendor
        self.twin = vendor.twin()
        self.person = PERSON[vendor.known_by]
        self.now = NOW
        self._http = http
        self.forget()

    def forget(self) -> None:
        """Lose what is remembered of the person."""
        self.record = PersonRecord(stamp=f"{int(NOW * 1000):015d}#submission-1", memory=self.vendor.spec.memory())

    def start_over(self) -> None:
        """Let nothing have happened, at the vendor and here."""
        self.twin.reset()
        self.forget()

    def wait(self, seconds: float = SEARCH_LAG) -> None:
        """Let time pass."""
        self.now += seconds
        self.vendor.time_passes(self.twin)

    def search_catches_up(self) -> None:
        """Let so much time pass that a search shows all that was written."""
        self.twin.options.search_lag = 0
        self.wait()

    def sign_up(
        self,
        first_name: str | None = "Ada",
        *,
        channels: Iterable[Channel] = (),
        secret: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> WriteResult:
        """Deliver a sign-up of the person; `more` are contact attributes, `custom` and `fill`."""
        self.record.now = self.record.ends_at = self.now
        self.record.confirmed, self.record.left_as_found = False, frozenset()
        said = {"last_name": "Lee", **more, self.vendor.known_by: self.person, "first_name": first_name}
        request = task(channels=channels, now=self.now, search_lag=SEARCH_LAG, **said)
        return self.action(secret, options).deliver(request, self.record)

    def sign_up_fully(self, *, channels: Iterable[Channel] = ALL_CHANNELS, fill: Iterable[str] = ()) -> WriteResult:
        """Deliver a sign-up that says everything a form can say."""
        everything: dict[str, Any] = {**FULL, **PERSON, "custom": dict(self.vendor.custom), "fill": fill}
        return self.sign_up(channels=channels, **{**everything, "first_name": "Ada"})

    def action(self, secret: Mapping[str, Any] | None = None, options: Mapping[str, Any] | None = None) -> Action:
        """Return the action as a delivery builds it, with the twin's own secret and options unless others are given."""
        spec = self.vendor.spec
        connection = spec.connection.of_secret("under-test", secret or self.twin.connection())
        checked = spec.options.model_validate(options or self.vendor.options)
        return spec.build(checked, connection, self._http, soon())

    def probe(self, secret: Mapping[str, Any]) -> None:
        """Try a secret as `relay check` does."""
        probe = self.vendor.spec.probe
        assert probe is not None
        probe(self.vendor.spec.connection.of_secret("under-test", secret), self._http, soon())

    def vendor_holds(self, *people: str, first_name: str = "Ann", consents: Iterable[Channel] = ()) -> None:
        """Put contacts there that were made elsewhere; by default the person's own."""
        for known_by in people or [self.person]:
            self.twin.seed(self.vendor.as_held(known_by, first_name, frozenset(consents)))

    def breaks_a_write(self, fault: str, **members: Any) -> None:
        """Let the next call that writes meet a fault."""
        self.twin.fail(fault, method=self.vendor.writes, **members)

    def breaks_a_read(self, fault: str, **members: Any) -> None:
        """Let the next call that reads meet a fault."""
        self.twin.fail(fault, method=self.vendor.reads, **members)

    def seen(self) -> list[Seen]:
        """Return what the vendor holds, in our words."""
        return [self.vendor.seen(held) for held in self.twin.contacts()]

    def first_names(self) -> list[str]:
        """Return the first names of all contacts."""
        return [each.first_name for each in self.seen()]

    def consents(self) -> frozenset[Channel]:
        """Return the consents of the only contact."""
        [contact] = self.seen()
        return contact.consents

    def sent(self) -> list[Any]:
        """Return the JSON bodies that the vendor was sent, in their order."""
        return [json.loads(entry.body) for entry in self.twin.requests if entry.body]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Return every plain value inside JSON, with its path."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{path}/{name}")
    else:
        yield path, value


def lost(before: Any, after: Any, unless: str = "") -> dict[str, Any]:
    """Return what held a value before and holds another one, or none; `unless` is a text that may have come instead."""
    now = dict(leaves(after))
    return {
        path: value
        for path, value in leaves(before)
        if value not in (None, "") and now.get(path) != value and not (unless and unless in str(now.get(path)))
    }


def texts(value: Any) -> set[str]:
    """Return every text inside JSON that is worth hiding."""
    return {text for _, text in leaves(value) if isinstance(text, str) and text}
