"""Which50 (CustomerMinds): one contact into one contact list, matched by its own values.

Sources: [seed] the API's index page; [DOC] app.which50.com/Which50API/documentation, each call's own page.
What neither says is marked "assumed" where it is decided.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from shared.contact import ATTRIBUTES, Channel, Contact, Value
from shared.deadline import Deadline, Monotonic
from shared.errors import Misconfigured, NotFound
from shared.http import VendorHttp
from shared.vendors.exact import digits
from shared.vendors.flows import sent_once
from shared.vendors.json_body import Row, rows
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task
from shared.vendors.which50_client import VENDOR, Which50Client, Which50Connection


def _listed(names: Any) -> Any:
    """Accept the vendor's own comma list, too [DOC]."""
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else names


def _flat(fields: Any) -> Any:
    """Accept the TOML key `consent.email` however it is written: quoted, dotted, or as a table `consent`."""
    if isinstance(fields, dict) and isinstance(fields.get("consent"), dict):
        consents = {f"consent.{channel}": field for channel, field in fields["consent"].items()}
        return {**{name: field for name, field in fields.items() if name != "consent"}, **consents}
    return fields


# `match` and `customevents` are comma lists, and no page says how a comma would be escaped [DOC].
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^,\r\n]+$")]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
_Written = dict[str, Name | dict[Channel, Name]]

MATCHABLE = frozenset({"email", "phone", "npi"})
"""Attributes that name one person; a match on a name or a city would overwrite everybody who shares it."""
MAPPABLE = ATTRIBUTES | {f"consent.{channel}" for channel in get_args(Channel)}


class UpsertOptions(Options):
    """`action = "upsert"`."""

    contact_list_id: Annotated[int, Field(strict=True, gt=0)]
    fields: Annotated[dict[str, Name], BeforeValidator(_flat, json_schema_input_type=_Written), Field(min_length=1)]
    """Contact attribute → list field. `consent.email`, `consent.sms`, … → a list field that is set on that consent."""
    match: Annotated[Names, Field(validate_default=True)] = ()
    """List fields whose values find the contact; default: the field of `email`."""
    custom_events: Names = ()
    """Events that run after a successful write, e-mails among them [DOC]; at most once per sign-up."""
    phone_format: Literal["digits", "e164"] = "digits"
    """Digits with country code, as in the vendor's example [DOC]; the required format is not documented."""
    consent_value: bool | int | str = True
    """What a consent field is set to; there is no value for "no", since an empty box is no statement."""
    accept_default_consent: bool = False
    """Create people without consent even where the list's own default says yes for them."""

    @field_validator("fields")
    @classmethod
    def _known_attributes(cls, fields: dict[str, str]) -> dict[str, str]:
        unknown = sorted(fields.keys() - MAPPABLE)
        if unknown:
            raise ValueError(f"not a contact attribute: {', '.join(unknown)}")
        if len(set(fields.values())) < len(fields):
            raise ValueError("two attributes fill the same list field")
        return fields

    @field_validator("match")
    @classmethod
    def _names_one_person(cls, match: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        fields: dict[str, str] = info.data.get("fields", {})
        if not match:
            if "email" not in fields:
                raise ValueError("needed, since `fields` has no field for email")
            return (fields["email"],)
        personal = {field for attribute, field in fields.items() if attribute in MATCHABLE}
        if not personal.issuperset(match):
            raise ValueError(f"must be a field that `fields` gives to {', '.join(sorted(MATCHABLE))}")
        return match

    @property
    def matched(self) -> list[str]:
        """The contact attributes behind `match`."""
        return [attribute for attribute, field in self.fields.items() if field in self.match]

    def requires(self) -> tuple[Requirement, ...]:
        """Every matched attribute: a blank one would match everybody who lacks it."""
        return tuple(frozenset({attribute}) for attribute in self.matched)

    def identity(self, contact: Contact) -> Identity:
        """The matched values."""
        values = {attribute: value for attribute, value in contact.present.items() if attribute in self.matched}
        return values if len(values) == len(self.matched) else {}


@dataclass(frozen=True, slots=True)
class ListField:
    """A field of a contact list, as far as a value depends on it."""

    name: str
    default: str
    choices: Mapping[str, str]
    """The values in use, case-folded → as spelled; empty where any value will do."""
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
            {v.casefold(): v for v in in_use},
            bool(choices),
        )

    def spelled(self, value: Value) -> Value | None:
        """Return the value as the list spells it; None when the list has it not, or not in use any more."""
        return self.choices.get(str(value).casefold()) if self.closed else value


class ListFields:
    """The fields of contact lists, kept for minutes so that not every sign-up reads them.

    One object per process, made where the action is registered: it has to outlive deliveries, and the registration is
    all that does. `Memory` would not do, it is one person's. Accounts are told apart by base URL and authentication.
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


EVENTS = "custom events"
_NO = frozenset({"", "0", "false", "no", "n", "off"})


class Which50Upsert:
    """POST with `match`: the vendor finds, then creates or updates [DOC]. Data may be sent twice, events may not."""

    def __init__(self, options: UpsertOptions, client: Which50Client, list_fields: ListFields) -> None:
        self._options = options
        self._client = client
        self._list_fields = list_fields

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Write the contact; its custom events go with the first attempt only."""
        try:
            values, left_out = self._values(task, is_known="written" in memory.details)
            written = self._write_once(values, task, memory, left_out)
        except NotFound:
            detail = f"there is no contact list {self._options.contact_list_id}"
            raise Misconfigured(VENDOR, "write contact", status=404, detail=detail) from None
        memory.contact_id = written.get("EncContactId") or memory.contact_id
        memory.details = {**memory.details, "written": True}
        warnings = written.get("ValidationWarnings")
        return Receipt(tuple(left_out), warnings=len(warnings) if isinstance(warnings, list) else 0)

    def _write_once(self, values: dict[str, Value], task: Task, memory: Memory, left_out: list[str]) -> Row:
        events = self._options.custom_events
        if not events:
            return self._write(values)
        if memory.attempted(EVENTS, task.submission_id) is None:
            return sent_once(memory, EVENTS, task.submission_id, lambda: self._write(values, events))
        # They may have run already: an e-mail too few is forgiven, the same e-mail twice is not.
        written = self._write(values)
        memory.settle(EVENTS, task.submission_id)
        left_out.append("custom_events")
        return written

    def _write(self, values: dict[str, Value], events: Sequence[str] = ()) -> Row:
        options = self._options
        return self._client.write_contact(options.contact_list_id, values, match=options.match, custom_events=events)

    def _values(self, task: Task, *, is_known: bool) -> tuple[dict[str, Value], list[str]]:
        """Return what to write by list field, and what the list would not take."""
        said = self._said(task)
        schema = self._schema(said.keys())
        spelled = {field: schema[field].spelled(value) for field, (_, value) in said.items()}
        left_out = [name for field, (name, _) in said.items() if spelled[field] is None]
        values = {field: value for field, value in spelled.items() if value is not None}
        return {**values, **self._consents(task, schema, is_known=is_known)}, left_out

    def _said(self, task: Task) -> dict[str, tuple[str, Value]]:
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

    def _consents(self, task: Task, schema: Mapping[str, ListField], *, is_known: bool) -> dict[str, Value]:
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


_LIST_FIELDS = ListFields()


def _upsert(
    options: UpsertOptions, connection: Which50Connection, http: VendorHttp, deadline: Deadline
) -> Which50Upsert:
    return Which50Upsert(options, Which50Client(http, connection, deadline), _LIST_FIELDS)


def _probe(connection: Which50Connection, http: VendorHttp, deadline: Deadline) -> None:
    Which50Client(http, connection, deadline).contact_lists()


ACTIONS = (ActionSpec(VENDOR, "upsert", UpsertOptions, Which50Connection, _upsert, probe=_probe),)
