"""A contact in Pulse's words, by Pulse's rules; both of its dialects use the same words.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from shared.contact import Channel, Contact
from shared.vendors.matching import digits
from shared.vendors.payload import Row, as_number, drop_empty, unplaced
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.pulse.options import PERSON, PLACE, PulseOptions

_PATIENTS = frozenset({"patient", "caregiver"})
"""Types of contact that have no NPI: it is to be left blank for patients [seed]."""


def granted(name: str, is_granted: bool) -> Row:
    """Return the consent flag only where it is granted: an empty box is no statement, and never "off"."""
    return {name: True} if is_granted else {}


def custom_fields(request: DeliveryRequest) -> Row:
    """Return `customFields`: by name, numbers and true or false as such [seed]."""
    return {str(name): as_number(value) for name, value in request.custom.items()}


class PulseContact:
    """A contact in Pulse's words, without the parts that Pulse's rules would refuse; `left_out` names those."""

    def __init__(self, contact: Contact, channels: Collection[Channel], options: PulseOptions) -> None:
        self.left_out = unplaced(contact, options.sends())
        self._default_country = options.default_country
        self.email = contact.email or ""
        self.person = drop_empty({theirs: getattr(contact, ours) for ours, theirs in PERSON.items()})
        self._drop_if("npi", self.person, not re.fullmatch(r"\d{10}", contact.npi or ""))  # [WP]
        self.phone = self._phone(contact.phone, options.international_phones)
        self.place = self._place(contact)
        if self.phone is None:
            self.left_out += [f"consent.{channel}" for channel in ("call", "sms") if channel in channels]

    def fit_to(self, contact_type: str | None) -> None:
        """Drop what a contact of this type must not have; the type that the visitor gave decides before any other."""
        kind = self.person.get("contactType") or contact_type or ""
        self._drop_if("npi", self.person, kind.lower() in _PATIENTS)

    def _drop_if(self, name: str, values: dict[str, Any], bad: bool) -> None:
        if bad and values.pop(name, None) is not None:
            self.left_out.append(name)

    def _phone(self, phone: str | None, international: bool) -> str | None:
        if phone is None:
            return None
        number = digits(phone)
        if phone.startswith("+1") and len(number) == 11:
            return number[1:]  # ten bare digits, `^\d{10}$` [WP]
        if international:
            return number
        self.left_out.append("phone")
        return None

    def _place(self, contact: Contact) -> Row:
        """Check the location rules [seed]: line 2 needs line 1, which needs city, state and postal code."""
        place = drop_empty({theirs: getattr(contact, ours) for ours, theirs in PLACE.items()})
        if place and self._default_country:
            place.setdefault("country", self._default_country)
        # The plugin takes an empty country for the USA [WP]; that its rule is no rule of other countries is assumed.
        american = place.get("country", "US").upper() in {"US", "USA", "UNITED STATES"}
        is_zip = re.fullmatch(r"\d{5}(-\d{4})?", place.get("postalCode", ""))  # [WP]
        if american and not is_zip and place.pop("postalCode", None) is not None:
            self.left_out.append("postal_code")
        whole = (
            ("addressLine2" not in place or "addressLine1" in place)
            and ("addressLine1" not in place or {"city", "state", "postalCode"} <= place.keys())
            and ("city" not in place or "state" in place)
        )
        if whole:
            return place
        self.left_out += [ours for ours, theirs in PLACE.items() if theirs in place and ours != "company"]
        return {name: value for name, value in place.items() if name == "company"}
