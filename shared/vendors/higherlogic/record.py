"""A person's record in Higher Logic's words: as it was last confirmed, with one sign-up merged in.

Source: [seed] "Push API Integration for Community Essentials".
What it does not say is marked "assumed".
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

from shared.vendors.higherlogic.options import PERSON, PLACE, Group, UpsertOptions
from shared.vendors.matching import digits, fold
from shared.vendors.payload import Row, as_text, drop_empty, unplaced
from shared.vendors.protocol import DeliveryRequest

_MOVES = ("AddressLine1", "City", "PostalCode", "CountryCode")
"""Who names another one of these has moved: nothing of the old address is true any more."""
_LINKS = frozenset(
    {"WebsiteURL", "ProfileImageURL", "FacebookURL", "TwitterURL", "LinkedinURL", "BloggerURL", "OtherSocialURL"}
)
CUSTOM_FIELDS = _LINKS | {"InformalName", "Ethnicity", "Suffix", "Bio"} | set(PERSON.values()) - {"PrimaryEmailAddress"}
"""Texts of ContactDetails [seed] that a form field may fill; never an id, which would link to another's record."""


class Merge:
    """The record as it was last confirmed, with one sign-up merged in; `left_out` names what was not taken over."""

    def __init__(self, held: Row, request: DeliveryRequest, options: UpsertOptions, contact_id: str) -> None:
        self.left_out = unplaced(request.contact, options.sends())
        self._request = request
        self._held = held
        self._options = options
        self.record = drop_empty(
            {
                "ContactDetails": self._details(held.get("ContactDetails", {}), contact_id),
                "Groups": _joined(held.get("Groups", []), options.groups),
                "Addresses": self._addresses(held.get("Addresses", [])),
                "PhoneNumbers": self._phones(held.get("PhoneNumbers", [])),
            }
        )

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to push: without it, a push would only undo an opt-out made at the vendor."""
        return self.record != self._held or "email" in self._request.channels

    @property
    def has_name(self) -> bool:
        """Whether the person has the first or last name that the vendor demands [seed]."""
        return not {"FirstName", "LastName"}.isdisjoint(self.record["ContactDetails"])

    def _details(self, held: Row, contact_id: str) -> Row:
        contact, granted = self._request.contact, "email" in self._request.channels
        return {
            **self._stand_in(held),
            **self._without_stand_in(held),
            **self._options.constants,
            "ContactId": contact_id,
            # What a full push omits may be reset. Consent, once given, stays until the tenant takes it back.
            "DoNotEmail": not granted and held.get("DoNotEmail", True),
            "IsOrganization": False,
            **drop_empty({theirs: getattr(contact, ours) for ours, theirs in PERSON.items()}),
            **drop_empty({"Birthday": _date_time(contact.birthday)}),
            **self._custom(),
        }

    def _stand_in(self, held: Row) -> Row:
        """Return the configured name for a person who has none."""
        contact = self._request.contact
        if {"FirstName", "LastName"} & held.keys() or contact.first_name or contact.last_name:
            return {}
        return drop_empty({"LastName": self._options.name_placeholder})

    def _without_stand_in(self, held: Row) -> Row:
        """Return what is held without the configured name, once the person has told a real one."""
        is_stand_in = held.get("LastName") == self._options.name_placeholder and self._request.contact.first_name
        return {name: value for name, value in held.items() if not (is_stand_in and name == "LastName")}

    def _custom(self) -> Row:
        values = drop_empty({str(name): as_text(value) for name, value in self._request.custom.items()})
        for name in _LINKS & values.keys():
            if not re.match(r"https?://", values[name], re.IGNORECASE):
                # Pages show it as a link, so a `javascript:` address would run in the browser of a person who clicks.
                del values[name]
                self.left_out.append(name)
        if "Bio" in values:
            values["Bio"] = html.escape(values["Bio"])  # "HTML supported" [seed]
        return values

    def _addresses(self, held: list[Row]) -> list[Row]:
        place = drop_empty({theirs: getattr(self._request.contact, ours) for ours, theirs in PLACE.items()})
        country = place.pop("CountryCode", "")
        if re.fullmatch(r"[A-Za-z]{2}", country):
            place["CountryCode"] = country.upper()
        elif country and self._options.country_codes == "any":
            place["CountryCode"] = country
        elif country:
            self.left_out.append("country")
        if not place:
            return held
        known = held[0] if held else {}
        moved = any(fold(known.get(name, "")) not in ("", fold(place[name])) for name in _MOVES if name in place)
        kind = drop_empty({"AddressType": self._options.address_type})
        return [{**kind, **({} if moved else known), **place}]

    def _phones(self, held: list[Row]) -> list[Row]:
        """Every number that was ever given: a work number must not delete the mobile.

        The texting flag belongs to the number that came with the consent.
        """
        number = self._request.contact.phone
        if number is None:
            return held
        flag = {"IsSmsPreferred": True} if "sms" in self._request.channels else {}
        known = [digits(row.get("FormattedNumber")) == digits(number) for row in held]
        if any(known):
            return [{**row, **flag} if is_same else row for row, is_same in zip(held, known, strict=True)]
        spelled = digits(number) if self._options.phone_format == "digits" else number
        return [*held, {"FormattedNumber": spelled, **drop_empty({"PhoneType": self._options.phone_type}), **flag}]


def _joined(held: list[Row], groups: tuple[Group, ...]) -> list[Row]:
    """Keep what other forms joined: a group that is left out is left by the contact [seed]."""
    named = {
        group.id: drop_empty({"GroupId": group.id, "GroupName": group.name, "GroupType": group.type})
        for group in groups
    }
    return [row for row in held if row.get("GroupId") not in named] + list(named.values())


def _date_time(date: str | None) -> str | None:
    """Write a date as the vendor demands: ISO 8601 with exactly three fraction digits [seed]."""
    if date is None:
        return None
    moment = datetime.fromisoformat(date).replace(tzinfo=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
