"""`write = "fill"`: what a contact holds already is left out of the request before it is merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shared.person_record import PersonRecord
from shared.vendors.protocol import DeliveryRequest, Options


def without_held(
    request: DeliveryRequest, record: PersonRecord, options: Options, holds: Callable[[str], bool]
) -> DeliveryRequest:
    """Return the request without the fields that are only filled and that the found contact holds.

    Args:
        request: what may be written.
        record: is told which fields stay as they are, so that this sign-up does not count as their writer.
        options: say which of the vendor's fields a value is written to.
        holds: whether the contact has a value in this field of the vendor, by `Options.target_field`.
    """
    held = frozenset(name for name in request.fill if holds(name))
    record.left_as_found = held
    attributes = frozenset(name for name in request.contact.present if options.target_field(name) in held)
    custom = {
        name: value for name, value in request.custom.items() if options.target_field(f"custom.{name}") not in held
    }
    return replace(request, contact=request.contact.without(attributes), custom=custom, fill=frozenset())
