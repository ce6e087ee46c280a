"""The late-write filter: what an older sign-up may still write after a newer one was delivered. Pure.

Order is by `Stamp`. Field by field the newer sign-up's value stays, whichever form it came from; what the newer one
left unsaid is still written. A form's workflow event is not run again for an older sign-up of that form.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.contact import ADDRESS_OF, Channel, Value
from shared.forms import Destination
from shared.person_record import PersonRecord
from shared.submission import Submission
from shared.vendors.protocol import DeliveryRequest


class Recency(enum.Enum):
    """How a sign-up compares with the newest one that its form has delivered for this person."""

    NEWER = "newer"
    SAME = "same"
    OLDER = "older"


RECENT_SUBMISSIONS = 100
"""Delivered submissions of one form that are told apart where each is a matter of its own."""


def compare_with_newest(stamp: str, newest: str) -> Recency:
    """Compare two stamps; an empty one is older than all."""
    if newest == stamp:
        return Recency.SAME
    return Recency.OLDER if newest > stamp else Recency.NEWER


def recency_of(destination: Destination, submission: Submission, record: PersonRecord) -> Recency:
    """Compare a sign-up with what its form has delivered to this destination."""
    return compare_with_newest(record.stamp, record.forms.get(_form_key(destination, submission), ""))


def stamp_delivered(destination: Destination, submission: Submission, record: PersonRecord) -> None:
    """Record that this sign-up was delivered."""
    key = _form_key(destination, submission)
    record.forms[key] = max(record.stamp, record.forms.get(key, ""))
    if destination.spec.each_submission:
        own = _form_prefix(destination, submission)
        delivered = sorted((stamp, key) for key, stamp in record.forms.items() if key.startswith(own))
        for _, key in delivered[:-RECENT_SUBMISSIONS]:
            del record.forms[key]


def _form_prefix(destination: Destination, submission: Submission) -> str:
    return f"{destination.name}#{submission.form}#"


def _form_key(destination: Destination, submission: Submission) -> str:
    own = submission.id if destination.spec.each_submission else ""
    return _form_prefix(destination, submission) + own


def stale(names: Iterable[str], stamp: str, written: Mapping[str, str]) -> frozenset[str]:
    """Return the fields whose stored value comes from a newer sign-up."""
    return frozenset(name for name in names if written.get(name, "") > stamp)


@dataclass(frozen=True, slots=True)
class Targets:
    """The vendor's fields that a sign-up would write: by contact attribute, consent channel and form field."""

    attributes: Mapping[str, str]
    consents: Mapping[Channel, str]
    custom: Mapping[str, str]
    parts: Mapping[str, str]
    """The same by the names that a vendor's package has for parts: attribute, `consent.<channel>`, its custom field."""

    @classmethod
    def of(cls, destination: Destination, submission: Submission) -> Targets:
        """Return the targets of a sign-up at a destination; what identifies the person is never late."""
        target, custom = destination.options.target_field, destination.custom_fields
        identity = destination.options.identity(submission.contact)
        attributes = {name: target(name) for name in submission.contact.present if name not in identity}
        consents = {channel: target(f"consent.{channel}") for channel in submission.channels}
        given = {field: target(f"custom.{name}") for field, name in custom.items() if field in submission.custom}
        by_custom_name = {str(custom[field]): name for field, name in given.items()}
        by_consent = {f"consent.{channel}": name for channel, name in consents.items()}
        return cls(attributes, consents, given, {**by_custom_name, **attributes, **by_consent})

    @property
    def names(self) -> frozenset[str]:
        """All of the vendor's fields."""
        return frozenset({*self.attributes.values(), *self.consents.values(), *self.custom.values()})

    def fields_of(self, parts: Iterable[str]) -> frozenset[str]:
        """Return the vendor's fields behind parts that a vendor's package left out."""
        return frozenset(self.parts[part] for part in parts if part in self.parts)


def request_for(
    destination: Destination,
    submission: Submission,
    targets: Targets,
    record: PersonRecord,
    recency: Recency,
    search_lag: float,
) -> tuple[DeliveryRequest, frozenset[str]]:
    """Return what may still be written, and the vendor's fields that it writes."""
    is_late = recency is Recency.OLDER
    written = targets.custom.values() if destination.spec.each_submission else ()
    # Where each submission is a matter of its own, its own answers belong to it; only the person's data can be late.
    late = stale(targets.names - frozenset(written), record.stamp, record.fields)
    dropped = frozenset(attribute for attribute, name in targets.attributes.items() if name in late)
    # Consent was given for the address and number of this sign-up: it must not be written beside newer ones.
    late |= {name for channel, name in targets.consents.items() if ADDRESS_OF[channel] in dropped}
    custom: dict[str | int, Value] = {
        destination.custom_fields[field]: submission.custom[field]
        for field, name in targets.custom.items()
        if name not in late
    }
    request = DeliveryRequest(
        submission_id=submission.id,
        contact=submission.contact.without(dropped),
        channels=frozenset(channel for channel, name in targets.consents.items() if name not in late),
        custom=custom,
        now=record.now,
        search_lag=search_lag,
        is_late=is_late and not destination.spec.each_submission,
        fill=destination.filled & (targets.names - late),
        asked=destination.asked,
    )
    return request, targets.names - late
