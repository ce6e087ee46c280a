"""Which50 (CustomerMinds): one contact into one contact list, matched by its own values.

Source: [DOC] app.which50.com/Which50API/documentation, each call's own page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, partial
from typing import get_args

from shared.conditions import names_of
from shared.contact import Channel, Value
from shared.errors import Misconfigured, NotFound
from shared.person_record import PersonRecord
from shared.vendors.answer_path import read
from shared.vendors.flows import send_unrepeatable
from shared.vendors.matching import digits
from shared.vendors.payload import Row, as_number, unplaced
from shared.vendors.protocol import DeliveryRequest, WriteResult
from shared.vendors.which50.client import VENDOR, Which50Client
from shared.vendors.which50.default_consent import grants_by_default
from shared.vendors.which50.list_fields import ListField, ListFields
from shared.vendors.which50.memory import Which50Memory
from shared.vendors.which50.options import UpsertOptions

EVENTS = "custom events"
"""Kind of a write on record: one whose custom events may have run."""


class Which50Upsert:
    """POST with `match`: the vendor finds, then creates or updates [DOC]. Data may be sent twice, events may not."""

    def __init__(self, options: UpsertOptions, client: Which50Client, list_fields: ListFields) -> None:
        self._options = options
        self._client = client
        self._list_fields = list_fields

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """Write the contact; its custom events go with the first attempt only."""
        try:
            values, left_out = self._values(request, is_known=cache(partial(self._is_there, record)))
            written = self._write_once(values, request, record, left_out)
        except NotFound as error:
            detail = f"there is no contact list {self._options.contact_list_id}"
            raise error.restated(Misconfigured, detail=detail) from None
        answers = self._options.answers
        contact_id = read(answers.contact_id, written)
        record.contact_id = str(contact_id) if contact_id else record.contact_id
        record.memory = Which50Memory(written=True)
        warnings = read(answers.warnings, written)
        return WriteResult(tuple(left_out), warnings=len(warnings) if isinstance(warnings, list) else 0)

    def _write_once(
        self, values: dict[str, Value], request: DeliveryRequest, record: PersonRecord, left_out: list[str]
    ) -> Row:
        events = names_of(self._options.custom_events)
        if not events or request.is_late:
            return self._write(values)
        if record.find_unconfirmed(EVENTS, request.submission_id) is None:
            return send_unrepeatable(record, EVENTS, request.submission_id, lambda: self._write(values, events))
        # They may have run already: an e-mail too few is forgiven, the same e-mail twice is not.
        written = self._write(values)
        record.clear(EVENTS, request.submission_id)
        left_out.append("custom_events")
        return written

    def _write(self, values: dict[str, Value], events: Sequence[str] = ()) -> Row:
        options = self._options
        return self._client.write_contact(options.contact_list_id, values, match=options.match, custom_events=events)

    def _is_there(self, record: PersonRecord) -> bool:
        """Whether the vendor has the contact that was written, so that this write does not create it.

        Import jobs drop contacts [DOC], and people do. Where the vendor never told the id, the ledger is believed.
        """
        if record.memory.written and record.contact_id is not None:
            try:
                self._client.contact(record.contact_id)
            except NotFound:
                return False
        return bool(record.memory.written)

    def _values(self, request: DeliveryRequest, *, is_known: Callable[[], bool]) -> tuple[dict[str, Value], list[str]]:
        """Return what to write by list field, and what the list would not take."""
        given = self._values_by_field(request)
        schema = self._schema(given.keys())
        spelled = {field: self._spelled(schema, field, value) for field, (_, value) in given.items()}
        left_out = [name for field, (name, _) in given.items() if spelled[field] is None]
        left_out += unplaced(request.contact, self._options.sends())
        values = {field: value for field, value in spelled.items() if value is not None}
        return {**values, **self._consents(request, schema, is_known=is_known)}, left_out

    def _values_by_field(self, request: DeliveryRequest) -> dict[str, tuple[str, Value]]:
        """Return list field → (our name for it, value); nothing that was not given, so nothing is blanked."""
        fields = self._options.fields
        custom = {str(field): (str(field), value) for field, value in request.custom.items()}
        given = {name: value for name, value in request.contact.present.items() if name in fields}
        if "phone" in given and self._options.phone_format == "digits":
            given["phone"] = digits(given["phone"])
        return {**custom, **{fields[name]: (name, value) for name, value in given.items()}}

    def _spelled(self, schema: Mapping[str, ListField], field: str, value: Value) -> Value | None:
        known = schema[field].spelled(value) if field in schema else as_number(value)
        return as_number(value) if known is None and self._options.unlisted_values == "send" else known

    def _schema(self, custom: AbstractSet[str]) -> Mapping[str, ListField]:
        """Return the list's fields; a name that the list lacks may be refused or ignored, so it is never sent."""
        if not self._options.verify_fields:
            return {}
        wanted = custom | set(self._options.fields.values())
        list_id = self._options.contact_list_id
        schema = self._list_fields.of(self._client, list_id, wanted)
        if missing := sorted(wanted - schema.keys()):
            detail = f"contact list {list_id} has no field {', '.join(missing)}"
            raise Misconfigured(VENDOR, "verify fields", detail=detail)
        return schema

    def _consents(
        self, request: DeliveryRequest, schema: Mapping[str, ListField], *, is_known: Callable[[], bool]
    ) -> dict[str, Value]:
        """Return the fields of granted consents; without a grant nothing is said, never "no"."""
        values: dict[str, Value] = {}
        for channel in get_args(Channel):
            name = self._options.fields.get(f"consent.{channel}")
            if name is None:
                continue
            field = schema.get(name)
            if channel in request.channels:
                yes = self._options.consent_value_of(channel)
                values[name] = _spelled_yes(field, yes) if field else yes
            elif field and self._grants_by_default(field, channel) and not is_known():
                # `DefaultValue` fills what is absent [DOC]: this create would subscribe without consent.
                detail = f"the default of list field {field.name} may grant consent, see docs/vendors/which50.md"
                raise Misconfigured(VENDOR, "verify consent fields", detail=detail)
        return values

    def _grants_by_default(self, field: ListField, channel: Channel) -> bool:
        options = self._options
        if options.accept_default_consent:
            return False
        return grants_by_default(field.default, options.consent_value_of(channel), options.no_values)


def _spelled_yes(field: ListField, yes: Value) -> Value:
    value = field.spelled(yes)
    if value is None:
        detail = f"list field {field.name} has no such value as consent_value"
        raise Misconfigured(VENDOR, "verify consent fields", detail=detail)
    return value
