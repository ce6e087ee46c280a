"""A contact list of the Which50 twin: its fields, and the contacts that it holds."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from local.twins.messages import Record, RefusedError

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\d{7,15}")


@dataclass(frozen=True)
class Field:
    """One field of a list's schema; `map_type` tells the twin what a valid value is ("Email", "Mobile" or none)."""

    name: str
    map_type: str = "None"
    default: str = ""
    choices: Sequence[str] = ()
    retired: Sequence[str] = ()
    """Choices that are no longer in use."""

    def as_record(self, number: int) -> Record:
        """Return the field as `/fields` shows it: no length, no required flag, no uniqueness."""
        choices = [*((each, True) for each in self.choices), *((each, False) for each in self.retired)]
        values = [
            {"Id": number * 100 + order, "Value": value, "Order": order, "InUse": in_use}
            for order, (value, in_use) in enumerate(choices)
        ]
        shown = {"Id": number, "Name": self.name, "DefaultValue": self.default, "MapType": self.map_type}
        return {**shown, "Position": number, "ContactSchemaFieldValues": values}

    def warning(self, value: Any) -> str:
        """Return what is wrong with a value, or nothing."""
        text = str(value)
        if self.choices and text not in self.choices:
            return f"{self.name}: the value is not in the list"
        patterns = {"Email": _EMAIL, "Mobile": _PHONE}
        if self.map_type in patterns and not patterns[self.map_type].fullmatch(text):
            return f"{self.name}: the value is invalid"
        return ""


FIELDS = (
    Field("Email", "Email"),
    Field("FirstName"),
    Field("LastName"),
    Field("Mobile", "Mobile"),
    Field("Country", default="IE"),
    Field("PracticeSize", choices=("1-5", "6-20", "20+"), retired=("21-50",)),
    # a default that fills an absent consent: leaving the field out does not mean "no"
    Field("EmailConsent", default="true", choices=("true", "false")),
)


@dataclass
class ContactList:
    """One list with its own field names."""

    number: int = 3
    name: str = "Newsletter"
    fields: Sequence[Field] = FIELDS
    contacts: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the contacts of each list from one."""
        self._ids = count(1)

    def as_record(self) -> Record:
        """Return the list as `contactLists` shows it."""
        return {"Id": self.number, "Name": self.name, "Count": len(self.contacts)}

    def named(self, name: str) -> Field | None:
        """Return the field of this exact name."""
        return next((each for each in self.fields if each.name == name), None)

    def matching(self, values: Record, names: Sequence[str]) -> list[Record]:
        """Return ALL contacts with equal values; a blank value is equal to every blank one.

        Raises RefusedError (417) where a matched property is no field, or is missing in the values.
        """
        if any(self.named(name) is None or name not in values for name in names):
            raise RefusedError(417, "A matched property is missing")
        held = self.contacts.values()
        return [each for each in held if all(_same(each["Values"].get(name), values[name]) for name in names)]

    def add(self, values: Record) -> Record:
        """Create a contact; absent values take the fields' defaults."""
        number = next(self._ids)
        encrypted = urlsafe_b64encode(f"{self.number}/{number}".encode()).decode().rstrip("=")
        defaults = {each.name: each.default for each in self.fields if each.default}
        held = {"EncContactId": encrypted, "ListId": self.number, "Values": {**defaults, **values}}
        self.contacts[encrypted] = held
        return held


def _same(held: Any, wanted: Any) -> bool:
    """Compare as a database with a case-insensitive collation does, where absent and blank are the same."""
    return str(held or "").strip().casefold() == str(wanted or "").strip().casefold()
