"""A contact in Whautomate's words: what a create says of it, and what an update repeats of what is held.

Sources as in `client.py`: [seed] the vendor's reference; [PD] a connector. Else "assumed".
"""

from __future__ import annotations

from collections.abc import Callable

from shared.conditions import names_of
from shared.contact import Value
from shared.vendors.matching import digits
from shared.vendors.payload import Row, as_number, as_row, as_text, drop_empty, is_empty, unplaced
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.whautomate.options import UpsertOptions


class WhautomateContact:
    """A sign-up in Whautomate's words; `left_out` names what did not fit, `shortened` what did in part."""

    def __init__(self, options: UpsertOptions, request: DeliveryRequest) -> None:
        self._options = options
        self._request = request
        self.phone = request.contact.phone or ""
        self.left_out = set(unplaced(request.contact, options.sends()))
        self.shortened: set[str] = set()

    def carried(self, held: Row) -> Row:
        """Return what a write must repeat of what is held: a PUT without it may erase it [PD]."""
        location = as_row(held.get("location"))
        kept = {name: held.get(name) for name in ("name", "stage", "notes", "customFields", "tags", "channel")}
        return drop_empty(
            {
                **kept,
                "phoneNumber": digits(self.phone) if self._options.phone_format == "digits" else self.phone,
                "location": {"id": location.get("id") or self._options.location_id},  # no `title` [PD]
            }
        )

    def whole(self) -> Row:
        """Return all that a create says; an id is the vendor's to give."""
        options = self._options
        return drop_empty(
            {
                **self.carried({}),
                "name": self._name(""),
                "stage": options.stage,
                "customFields": self._custom_fields(),
                "tags": names_of(options.tags),
            }
        )

    def merged(self, carried: Row) -> Row:
        """Return what an update says: what it carries over, with this sign-up's name and custom fields."""
        held, ours = carried.get("customFields", {}), self._custom_fields()
        if not isinstance(held, dict):
            # Of a shape that no page shows: carried over as it is, since ours cannot be merged into it.
            self.left_out |= ours.keys()
            ours = {}
        custom = {**held, **ours} if isinstance(held, dict) else held
        name = carried.get("name")
        return drop_empty(
            {**carried, "name": self._name(name if isinstance(name, str) else ""), "customFields": custom}
        )

    def held_by(self, contact: Row) -> Callable[[str], bool]:
        """Return whether a contact holds a value in one of the vendor's fields; a number in place of a name is none."""
        name, custom = contact.get("name"), as_row(contact.get("customFields"))

        def holds(field: str) -> bool:
            if field in {"name", "company"}:  # a company is sent only in place of a name
                return not is_empty(name) and digits(name) != digits(self.phone)
            return not is_empty(custom.get(field.removeprefix("custom.")))

        return holds

    @property
    def given_name(self) -> str:
        """First and last name as the sign-up gave them, in the one member that there is for both."""
        return " ".join(filter(None, (self._request.contact.first_name, self._request.contact.last_name)))

    def _name(self, held: str) -> str:
        """Return the name to write. It is required [seed]; without one the company or the number is sent.

        A held name gives way to a whole one only: "Ann" must not erase the other half of "Ann Lee".
        """
        contact = self._request.contact
        given = self.given_name
        if not held or digits(held) == digits(self.phone):
            return self._capped(given or contact.company or held or self.phone)
        whole = contact.first_name and contact.last_name
        return self._capped(given) if given and (whole or " " not in held.strip()) else held

    def _capped(self, name: str) -> str:
        longest = self._options.name_max_length
        if len(name) > longest:
            self.shortened.add("name")
        return name[:longest].rstrip()

    def _custom_fields(self) -> dict[str, Value]:
        email, field = self._request.contact.email, self._options.email_custom_field
        mail = {field: email} if field and email else {}
        spelled = as_text if self._options.custom_field_values == "text" else as_number
        return {**mail, **{str(name): spelled(value) for name, value in self._request.custom.items()}}
