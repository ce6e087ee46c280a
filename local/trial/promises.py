"""Compares what each vendor holds of each person with what they said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from local.trial.evidence import Delivery
from local.trial.forms import DESTINATIONS, FIELDS, VENDOR_OF
from local.trial.views import View, views
from local.trial.visitors import Accepted, Person
from local.twins.server import Twin

PROMISES: Mapping[str, str] = {
    "lost": "no accepted sign-up is lost",
    "duplicates": "nobody is there twice",
    "stale": "no value is older than the newest that was delivered",
    "re-subscribed": "nobody is subscribed without asking for it",
    "strangers": "nobody is there who did not sign up",
}
"""Kind of a broken promise → the promise."""

EVENTS = "nobody gets a welcome message twice"
"""Kept where the vendor that sends it is never in trouble; an event that may have been lost is sent again."""

Broken = tuple[str, str]
"""A kind of `PROMISES`, and where."""


def broken_promises(twins: Mapping[str, Twin], accepted: Sequence[Accepted], parked: set[Delivery]) -> Iterator[Broken]:
    """Tell every broken promise that the vendors' contacts show."""
    for destination, vendor in VENDOR_OF.items():
        sign_ups_by_address = _by_address(accepted, destination)
        held: dict[str, list[View]] = defaultdict(list)
        for view in views(twins[vendor]):
            held[view.address].append(view)
        for address, sign_ups in sign_ups_by_address.items():
            yield from _of_person(destination, held.pop(address, []), sign_ups, parked)
        for _ in held:
            yield "strangers", destination


def doubled_events(twin: Twin, accepted: Sequence[Accepted]) -> Iterator[str]:
    """Tell every person for whom eSputnik launched more events than they sent sign-ups that launch one."""
    addresses = {contact["id"]: contact["channels"][0]["value"] for contact in twin.contacts()}
    launched = Counter(addresses.get(event.contact, event.contact) for event in list(twin.events))
    sent = Counter(each.person.email for each in accepted if each.sign_up.form == "news")
    for each in {each.person.email: each for each in accepted}.values():
        if launched[each.person.email] > sent[each.person.email]:
            yield f"{each.submission_id}: {launched[each.person.email]} events"


def _by_address(accepted: Sequence[Accepted], destination: str) -> dict[str, list[Accepted]]:
    """Return a destination's sign-ups, those of each person in their order."""
    found: dict[str, list[Accepted]] = defaultdict(list)
    for each in sorted(accepted, key=lambda each: each.sign_up.number):
        if destination in DESTINATIONS[each.sign_up.form] and not each.sign_up.spam:
            found[_address(each.person, destination)].append(each)
    return found


def _address(person: Person, destination: str) -> str:
    return person.phone if VENDOR_OF[destination] == "whautomate" else person.email


def _of_person(
    destination: str, held: Sequence[View], sign_ups: Sequence[Accepted], parked: set[Delivery]
) -> Iterator[Broken]:
    undisputed = [each for each in sign_ups if (each.submission_id, destination) not in parked]
    where = f"{sign_ups[-1].submission_id} at {destination}"
    if len(held) > 1:
        yield "duplicates", where
    if not held and undisputed:
        yield "lost", f"{undisputed[-1].submission_id} at {destination}, nobody is there"
    for view in held:
        if view.subscribed and not any(each.sign_up.consents for each in sign_ups):
            yield "re-subscribed", where
        for name in _stale_fields(view, sign_ups, undisputed):
            yield "stale", f"{where}: {name}"


def _stale_fields(view: View, sign_ups: Sequence[Accepted], undisputed: Sequence[Accepted]) -> Iterator[str]:
    """Tell the fields whose value is older than the newest that was delivered.

    A parked sign-up may or may not have been written before it was parked, so its value is right as well.
    """
    for name in ("first_name", "last_name"):
        newest = max((e.sign_up.number for e in undisputed if name in FIELDS[e.sign_up.form]), default=-1)
        right = {
            e.sign_up.values[name] for e in sign_ups if name in FIELDS[e.sign_up.form] and e.sign_up.number >= newest
        }
        value = getattr(view, name)
        if newest >= 0 and value is not None and value not in right:
            yield name
