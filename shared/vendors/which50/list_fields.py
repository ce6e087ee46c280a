"""The fields of a Which50 contact list: which there are, and which values they take.

Source: [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.contact import Value
from shared.deadline import Monotonic
from shared.vendors.matching import fold
from shared.vendors.payload import Row, as_number, as_text, rows
from shared.vendors.which50.client import Which50Client


@dataclass(frozen=True, slots=True)
class ListField:
    """A field of a contact list, as far as a value depends on it."""

    name: str
    default: str
    choices: Mapping[str, str]
    """The values in use, in lower case → as spelled; empty where any value will do."""
    closed: bool
    """Whether the field has a value list."""

    @classmethod
    def of(cls, row: Row) -> ListField:
        """Read a field of `/fields` [DOC GET-contactLists-contactListId-fields]."""
        choices = rows(row.get("ContactSchemaFieldValues") or [])
        in_use = [str(choice.get("Value")) for choice in choices if choice.get("InUse") is not False]
        default = row.get("DefaultValue")
        return cls(
            str(row.get("Name")),
            "" if default is None else str(default),
            {fold(v): v for v in in_use},
            bool(choices),
        )

    def spelled(self, value: Value) -> Value | None:
        """Return the value as the list spells it; None when the list has it not, or not in use any more."""
        return self.choices.get(fold(as_text(value))) if self.closed else as_number(value)


class ListFields:
    """The fields of contact lists, kept for minutes so that not every sign-up reads them.

    One object per process, made where the action is registered: it has to outlive deliveries. Accounts are told apart
    by base URL and authentication.
    """

    SECONDS = 300.0

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[object, tuple[float, Mapping[str, ListField]]] = {}

    def of(self, client: Which50Client, list_id: int, wanted: AbstractSet[str]) -> Mapping[str, ListField]:
        """Return the list's fields by name; read again when they are old, or when a wanted one may be new."""
        key = (client.account, list_id)
        read_at, known = self._known.get(key, (float("-inf"), {}))
        if self._monotonic() - read_at > self.SECONDS or not wanted <= known.keys():
            known = {field.name: field for field in map(ListField.of, client.fields(list_id))}
            self._known[key] = (self._monotonic(), known)
        return known
