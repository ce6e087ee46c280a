"""Pulse: what one sign-up changes of a contact, as far as the search shows the contact.

Source: [seed] api-docs.pulsehealth.tech overview.
"""

from __future__ import annotations

from shared.errors import TryLater
from shared.vendors.payload import Row, as_row, drop_empty
from shared.vendors.protocol import DeliveryRequest
from shared.vendors.pulse.client import VENDOR
from shared.vendors.pulse.contact import PulseContact, custom_fields
from shared.vendors.pulse.entries import held_entries, parts_of, supplied_entries, with_entry
from shared.vendors.pulse.last_write import is_recent, shows_last_write
from shared.vendors.pulse.memory import PulseMemory
from shared.vendors.pulse.options import PERSON, UpsertOptions


class ContactUpdate:
    """The body of an update.

    Attributes:
        left_out: what is lost with entries that their arrays could not take.
    """

    def __init__(
        self,
        options: UpsertOptions,
        request: DeliveryRequest,
        contact: PulseContact,
        hit: Row | None,
        memory: PulseMemory,
    ) -> None:
        """See `body`.

        Args:
            options: of the form file.
            request: the sign-up.
            contact: the same in Pulse's words.
            hit: the contact as the search shows it; None while only the ledger knows it.
            memory: what we wrote last.
        """
        self._options = options
        self._request = request
        self._contact = contact
        self._hit = hit
        self._memory = memory
        self.left_out: list[str] = []

    @property
    def is_behind(self) -> bool:
        """Whether our last write is recent, and the search does not show it but will."""
        if self._hit is None and self._options.is_test:
            return False  # no search ever shows a test contact [seed]
        shown = self._hit is not None and shows_last_write(self._hit, self._memory)
        return is_recent(self._memory, self._request) and not shown

    def body(self) -> Row:
        """Return what to send; nothing where Pulse has all of it already.

        Raises:
            TryLater: the search has to show the contact, or our last write to it, first.
        """
        is_seen = self._hit is not None or self._options.is_test
        if self._options.update == "replace" and (self.is_behind or not is_seen):
            raise not_shown_yet(self._request)
        held = self._hit or {}
        kind = held.get("contactType")
        self._contact.fit_to(kind if isinstance(kind, str) else None)
        arrays = self._arrays(held)
        person, custom = self._contact.person, custom_fields(self._request)
        held_custom = drop_empty(as_row(held.get("customFields")))
        if not arrays and not self.is_behind and _has(held, person) and _has(held_custom, custom):
            return {}
        if self._options.update == "merge":
            return drop_empty({**person, **arrays, "customFields": custom})
        held_person = {name: held.get(name) for name in PERSON.values()}
        held_arrays = {name: held_entries(held, name) for name in ("emails", "phones", "locations")}
        return drop_empty({**held_person, **person, **held_arrays, **arrays, "customFields": {**held_custom, **custom}})

    def _arrays(self, held: Row) -> dict[str, list[Row]]:
        """Return the arrays that this sign-up changes, each whole."""
        arrays: dict[str, list[Row]] = {}
        for name, entry in supplied_entries(self._contact, self._request).items():
            entries = held_entries(held, name)
            whole = None if entries is None else with_entry(entries, entry)
            # The address alone is no loss: it is what the contact was found by.
            if entry.keys() == {"emailAddress"} or (whole is not None and whole == entries):
                continue
            # Of a contact that we just wrote, only addresses and their ids are sure to be as the search shows them.
            if self.is_behind and (whole is None or name != "emails"):
                raise not_shown_yet(self._request)
            if whole is None:
                self.left_out += parts_of(entry)
            else:
                arrays[name] = whole
        return arrays


def not_shown_yet(request: DeliveryRequest) -> TryLater:
    """Return the wait until the search shows what we wrote."""
    return TryLater(VENDOR, "update contact", retry_after=request.search_lag, detail="the search does not show it yet")


def _has(held: Row, wanted: Row) -> bool:
    return all(held.get(name) == value for name, value in wanted.items())
