"""Which50 (CustomerMinds): one contact into one contact list, matched by its own values.

Source: [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import get_args

from shared.contact import Channel, Value
from shared.errors import Misconfigured, NotFound
from shared.person_record import PersonRecord
from shared.vendors.flows import send_unrepeatable
from shared.vendors.matching import digits
from shared.vendors.payload import Row
from shared.vendors.protocol import DeliveryRequest, Receipt
from shared.vendors.which50.client import VENDOR, Which50Client
from shared.vendors.which50.list_fields import ListField, ListFields
from shared.vendors.which50.memory import Which50Memory
from shared.vendors.which50.options import UpsertOptions

EVENTS = "custom events"
"""Kind of a write on record: one whose custom events may have run."""

_NO = frozenset({"", "0", "false", "no", "n", "off"})
"""Defaults of a consent field that subscribe nobody (assumed)."""


class Which50Upsert:
    """POST with `match`: the vendor finds, then creates or updates [DOC]. Data may be sent twice, events may not."""

    def __init__(self, options: UpsertOptions, client: Which50Client, list_fields: ListFields) -> None:
        self._options = options
        self._client = client
        self._list_fields = list_fields

    def deliver(self, task: DeliveryRequest, memory: PersonRecord) -> Receipt:
        """Write the contact; its custom events go with the first attempt only."""
        try:
            values, left_out = self._values(task, is_known=memory.memory.written)
            written = self._write_once(values, task, memory, left_out)
        except NotFound as error:
            detail = f"there is no contact list {self._options.contact_list_id}"
            raise error.restated(Misconfigured, detail=detail) from None
        # No page shows what a write answers; a contact as read has both members [DOC GET-contacts-contactId].
        memory.contact_id = written.get("EncContactId") or memory.contact_id
        memory.memory = Which50Memory(written=True)
        warnings = written.get("ValidationWarnings")
        return Receipt(tuple(left_out), warnings=len(warnings) if isinstance(warnings, list) else 0)

    def _write_once(
        self, values: dict[str, Value], task: DeliveryRequest, memory: PersonRecord, left_out: list[str]
    ) -> Row:
        events = self._options.custom_events
        if not events or task.is_late:
            return self._write(values)
        if memory.unconfirmed_write(EVENTS, task.submission_id) is None:
            return send_unrepeatable(memory, EVENTS, task.submission_id, lambda: self._write(values, events))
        # They may have run already: an e-mail too few is forgiven, the same e-mail twice is not.
        written = self._write(values)
        memory.clear(EVENTS, task.submission_id)
        left_out.append("custom_events")
        return written

    def _write(self, values: dict[str, Value], events: Sequence[str] = ()) -> Row:
        options = self._options
        return self._client.write_contact(options.contact_list_id, values, match=options.match, custom_events=events)

    def _values(self, task: DeliveryRequest, *, is_known: bool) -> tuple[dict[str, Value], list[str]]:
        """Return what to write by list field, and what the list would not take."""
        said = self._said(task)
        schema = self._schema(said.keys())
        spelled = {field: schema[field].spelled(value) for field, (_, value) in said.items()}
        left_out = [name for field, (name, _) in said.items() if spelled[field] is None]
        values = {field: value for field, value in spelled.items() if value is not None}
        return {**values, **self._consents(task, schema, is_known=is_known)}, left_out

    def _said(self, task: DeliveryRequest) -> dict[str, tuple[str, Value]]:
        """Return list field → (our name for it, value); nothing that was not given, so nothing is blanked."""
        fields = self._options.fields
        custom = {str(field): (str(field), value) for field, value in task.custom.items()}
        given = {name: value for name, value in task.contact.present.items() if name in fields}
        if "phone" in given and self._options.phone_format == "digits":
            given["phone"] = digits(given["phone"])
        return {**custom, **{fields[name]: (name, value) for name, value in given.items()}}

    def _schema(self, custom: AbstractSet[str]) -> Mapping[str, ListField]:
        """Return the list's fields; a name that the list lacks may be refused or ignored, so it is never sent."""
        wanted = custom | set(self._options.fields.values())
        list_id = self._options.contact_list_id
        schema = self._list_fields.of(self._client, list_id, wanted)
        if missing := sorted(wanted - schema.keys()):
            detail = f"contact list {list_id} has no field {', '.join(missing)}"
            raise Misconfigured(VENDOR, "verify fields", detail=detail)
        return schema

    def _consents(self, task: DeliveryRequest, schema: Mapping[str, ListField], *, is_known: bool) -> dict[str, Value]:
        """Return the fields of granted consents; without a grant nothing is said, never "no"."""
        values: dict[str, Value] = {}
        for channel in get_args(Channel):
            field = schema.get(self._options.fields.get(f"consent.{channel}", ""))
            if field is None:
                continue
            if channel in task.channels:
                values[field.name] = self._granted(field)
            elif not is_known and field.default.casefold() not in _NO and not self._options.accept_default_consent:
                # `DefaultValue` fills what is absent [DOC]: this create would subscribe without consent.
                detail = f"list field {field.name} says yes where nothing is said"
                raise Misconfigured(VENDOR, "verify consent fields", detail=detail)
        return values

    def _granted(self, field: ListField) -> Value:
        value = field.spelled(self._options.consent_value)
        if value is None:
            detail = f"list field {field.name} has no such value as consent_value"
            raise Misconfigured(VENDOR, "verify consent fields", detail=detail)
        return value
