"""Higher Logic Push API v2: whole contact records, and membership of marketing lists.

A push replaces the whole record and nothing can be read back [seed], so the ledger keeps the record as it was last
confirmed, a sign-up is merged into it, and all of it is pushed. The caller holds the lease of the person meanwhile.

Source: [seed] "Push API Integration for Community Essentials".
What it does not say is marked "assumed".
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Ambiguous, Refused
from shared.http import VendorHttp
from shared.vendors.higherlogic_client import VENDOR, HigherLogicClient, HigherLogicConnection, Membership
from shared.vendors.json_body import Row, present
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task

Name = Annotated[str, StringConstraints(min_length=1)]


class _Configured(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Name
    name: Name


class Group(_Configured):
    """A group that every sign-up joins. In Community Essentials it is a security group: it may GRANT ACCESS [seed]."""


class MarketingList(_Configured):
    """A marketing list that every sign-up is added to."""

    type: Name | None = None


class UpsertOptions(Options):
    """`action = "upsert"`. Groups and lists come from configuration only, never from a visitor."""

    lists: tuple[MarketingList, ...] = ()
    groups: tuple[Group, ...] = ()
    community_essentials: bool = False
    """The tenant has the subset: no `/list` [seed]."""
    list_add_mode: Literal["Append", "Add"] = "Append"
    """The article's sample says `Append`, its prose "Add" [seed]. `Replace` would set the whole membership."""

    @model_validator(mode="after")
    def _supported(self) -> Self:
        if self.community_essentials and self.lists:
            raise ValueError("Community Essentials has no lists: leave `lists` out")
        return self

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address, from which the id is minted, and a name, without which a person is invalid [seed]."""
        return (frozenset({"email"}), frozenset({"first_name", "last_name"}))

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}


OURS = "form:"
"""Prefix of every `ContactId` that we mint, so that none can be one of the tenant's own member system."""

_NAMESPACE = UUID("6f0b1b0e-3d52-4c0c-9d55-0f6a3b0e8f6d")


def minted(base_url: str, email: str) -> str:
    """Return the `ContactId` of a person whom we do not know yet: the same one if the ledger ever lost it."""
    return f"{OURS}{uuid5(_NAMESPACE, f'{base_url} {email.strip().casefold()}')}"


# Our attributes in the words of ContactDetails [seed].
_PERSON = {
    "email": "PrimaryEmailAddress",
    "salutation": "Prefix",
    "first_name": "FirstName",
    "middle_name": "MiddleName",
    "last_name": "LastName",
    "credentials": "Designation",
    "gender": "Gender",
    "contact_type": "ContactType",
    "company": "OrganizationName",
    "job_title": "Title",
}
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
CUSTOM_FIELDS = (
    _LINKS | {"InformalName", "Ethnicity", "Suffix", "Bio"} | set(_PERSON.values()) - {"PrimaryEmailAddress"}
)
"""Texts of ContactDetails [seed] that a form field may fill; never an id, which would link to another's record."""


class _Merge:
    """The record as it was last confirmed, with one sign-up merged in; `left_out` names what was not taken over."""

    def __init__(self, held: Row, task: Task, groups: tuple[Group, ...], contact_id: str) -> None:
        self.left_out: list[str] = []
        self._task = task
        self.record = present(
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
            **present({theirs: getattr(contact, ours) for ours, theirs in _PERSON.items()}),
            **present({"Birthday": _date_time(contact.birthday)}),
            **self._custom(),
        }

    def _custom(self) -> Row:
        values = present({str(name): str(value) for name, value in self._task.custom.items()})
        for name in _LINKS & values.keys():
            if not re.match(r"https?://", values[name], re.IGNORECASE):
                # A page shows it as a link: a script in it would run at whoever clicks.
                del values[name]
                self.left_out.append(name)
        if "Bio" in values:
            values["Bio"] = html.escape(values["Bio"])  # "HTML supported" [seed]
        return values

    def _addresses(self, held: list[Row]) -> list[Row]:
        place = present({theirs: getattr(self._task.contact, ours) for ours, theirs in _PLACE.items()})
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


class HigherLogicUpsert:
    """Merge the sign-up into the person's record, push the whole of it, then add the person to the lists."""

    def __init__(self, options: UpsertOptions, client: HigherLogicClient, base_url: str) -> None:
        self._options = options
        self._client = client
        self._base_url = base_url

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Push; safe to repeat from the start, whichever answer was lost."""
        contact_id = self._contact_id(task, memory)
        merge = _Merge(memory.details, task, self._options.groups, contact_id)
        if not merge.has_name:
            raise Refused(VENDOR, "push contacts", detail="a person needs a first or a last name")
        self._client.push_contacts([merge.record])
        # Confirmed, so it is what the vendor holds now; this is the only copy, which must not expire.
        memory.contact_id, memory.details, memory.permanent = contact_id, merge.record, True
        if self._options.lists:
            self._client.push_lists([self._membership(entry, contact_id) for entry in self._options.lists])
        return Receipt(tuple(merge.left_out))

    def _contact_id(self, task: Task, memory: Memory) -> str:
        """The id that we minted for this person; a remembered one stays, however ids are minted now."""
        if memory.contact_id is None:
            return minted(self._base_url, task.contact.email or "")
        if not memory.contact_id.startswith(OURS):
            raise Ambiguous(VENDOR, "push contacts", detail="the remembered ContactId is not one that we minted")
        return memory.contact_id

    def _membership(self, entry: MarketingList, contact_id: str) -> Membership:
        return Membership(entry.id, entry.name, (contact_id,), self._options.list_add_mode, entry.type)


def _upsert(
    options: UpsertOptions, connection: HigherLogicConnection, http: VendorHttp, deadline: Deadline
) -> HigherLogicUpsert:
    return HigherLogicUpsert(options, HigherLogicClient(http, connection, deadline), connection.base_url)


def _erase(
    connection: HigherLogicConnection,
    http: VendorHttp,
    deadline: Deadline,
    contact_id: str,
    is_theirs: Callable[[str], bool],
) -> bool:
    """Delete softly what we minted; nothing can be read back, so that the id is ours is all the proof there is."""
    if not contact_id.startswith(OURS):
        return False
    HigherLogicClient(http, connection, deadline).delete_contacts([contact_id])
    return True


ACTIONS = (
    ActionSpec(
        VENDOR,
        "upsert",
        UpsertOptions,
        HigherLogicConnection,
        _upsert,
        custom_field_names=frozenset(CUSTOM_FIELDS),
        erase=_erase,
    ),
)
