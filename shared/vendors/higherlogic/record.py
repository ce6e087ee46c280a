"""A person's record in Higher Logic's words: as it was last confirmed, with one sign-up merged in.

Source: [seed] "Push API Integration for Community Essentials".
What it does not say is marked "assumed".
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

from shared.vendors.higherlogic.options import PERSON, Group
from shared.vendors.payload import Row, drop_empty
from shared.vendors.protocol import DeliveryRequest

# And in those of an element of Addresses [seed].
_PLACE = {
    "address_line1": "AddressLine1",
    "address_line2": "AddressLine2",
    "city": "City",
    "state": "StateProvince",
    "postal_code": "PostalCode",
    "country": "CountryCode",
}
_LINKS = frozenset(
    {"WebsiteURL", "ProfileImageURL", "FacebookURL", "TwitterURL", "LinkedinURL", "BloggerURL", "OtherSocialURL"}
)
CUSTOM_FIELDS = _LINKS | {"InformalName", "Ethnicity", "Suffix", "Bio"} | set(PERSON.values()) - {"PrimaryEmailAddress"}
"""Texts of ContactDetails [seed] that a form field may fill; never an id, which would link to another's record."""


class Merge:
    """The record as it was last confirmed, with one sign-up merged in; `left_out` names what was not taken over."""

    def __init__(self, held: Row, task: DeliveryRequest, groups: tuple[Group, ...], contact_id: str) -> None:
        self.left_out: list[str] = []
        self._task = task
        self.record = drop_empty(
            {
                "ContactDetails": self._details(held.get("ContactDetails", {}), contact_id),
                "Groups": _joined(held.get("Groups", []), groups),
                "Addresses": self._addresses(held.get("Addresses", [])),
                "PhoneNumbers": self._phones(held.get("PhoneNumbers", [])),
            }
        )

    @property
    def has_name(self) -> bool:
        """Whether the person has the first or last name that the vendor demands [seed]."""
        return not {"FirstName", "LastName"}.isdisjoint(self.record["ContactDetails"])

    def _details(self, held: Row, contact_id: str) -> Row:
        contact, granted = self._task.contact, "email" in self._task.channels
        return {
            **held,
            "ContactId": contact_id,
            # What a full push omits may be reset. Consent, once given, stays until the tenant takes it back.
            "DoNotEmail": not granted and held.get("DoNotEmail", True),
            "IsOrganization": False,
            **drop_empty({theirs: getattr(contact, ours) for ours, theirs in PERSON.items()}),
            **drop_empty({"Birthday": _date_time(contact.birthday)}),
            **self._custom(),
        }

    def _custom(self) -> Row:
        values = drop_empty({str(name): str(value) for name, value in self._task.custom.items()})
        for name in _LINKS & values.keys():
            if not re.match(r"https?://", values[name], re.IGNORECASE):
                # A page shows it as a link: a script in it would run at whoever clicks.
                del values[name]
                self.left_out.append(name)
        if "Bio" in values:
            values["Bio"] = html.escape(values["Bio"])  # "HTML supported" [seed]
        return values

    def _addresses(self, held: list[Row]) -> list[Row]:
        place = drop_empty({theirs: getattr(self._task.contact, ours) for ours, theirs in _PLACE.items()})
        country = place.pop("CountryCode", "")
        # The alphabet of codes is not documented; ISO 3166-1 alpha-2 is assumed.
        if re.fullmatch(r"[A-Za-z]{2}", country):
            place["CountryCode"] = country.upper()
        elif country:
            self.left_out.append("country")
        return [{**(held[0] if held else {}), **place}] if place else held

    def _phones(self, held: list[Row]) -> list[Row]:
        """One number, E.164 (assumed). The texting flag belongs to the number that came with the consent."""
        number = self._task.contact.phone
        if number is None:
            return held
        same = [row for row in held if row.get("FormattedNumber") == number]
        flag = {"IsSmsPreferred": True} if "sms" in self._task.channels else {}
        return [{**(same[0] if same else {}), "FormattedNumber": number, **flag}]


def _joined(held: list[Row], groups: tuple[Group, ...]) -> list[Row]:
    """Keep what other forms joined: a group that is left out is left by the contact [seed]."""
    named = {group.id: {"GroupId": group.id, "GroupName": group.name} for group in groups}
    return [row for row in held if row.get("GroupId") not in named] + list(named.values())


def _date_time(date: str | None) -> str | None:
    """Write a date as the vendor demands: ISO 8601 with exactly three fraction digits [seed]."""
    if date is None:
        return None
    moment = datetime.fromisoformat(date).replace(tzinfo=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
