"""Which50 (CustomerMinds): one contact into one contact list, matched by its own values; import jobs for bulk.

Sources: [seed] the API's index page; [DOC] app.which50.com/Which50API/documentation, each call's own page.
What neither says is marked "assumed" where it is decided.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import quote

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from shared.contact import ATTRIBUTES, Channel, Contact, Value
from shared.deadline import Deadline, Monotonic
from shared.errors import Misconfigured, NotFound, OutcomeUnknown, Refused, Unavailable
from shared.http import Effect, Query, Reply, VendorHttp
from shared.telemetry import count
from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection, Credential
from shared.vendors.exact import digits, rows
from shared.vendors.flows import sent_once
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task

VENDOR = "which50"
Row = dict[str, Any]

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")]
UserName = Annotated[str, StringConstraints(pattern=r"^[\x20-\x39\x3b-\x7e]+$")]
"""Basic authentication cannot carry a colon in the name."""


class Which50Connection(Connection):
    """Secret of a Which50 connection. No page names the scheme [DOC], so it says: `headers`, or name and password."""

    headers: Annotated[dict[HeaderName, Credential], Field(default_factory=dict)]
    username: UserName | None = None
    password: Credential | None = None

    @model_validator(mode="after")
    def _way_in(self) -> Self:
        if not self.headers and (self.username is None or self.password is None):
            raise ValueError("headers, or username and password, are needed")
        return self

    @property
    def authentication(self) -> dict[str, str]:
        """The headers that authenticate."""
        if self.headers:
            return self.headers
        return {"Authorization": f"Basic {b64encode(f'{self.username}:{self.password}'.encode()).decode()}"}


Interaction = Literal["journeys", "communications", "summary", "emails", "textmessages", "landingpages", "webforms"]


class Which50Client(VendorClient):
    """Every documented call that finds, writes or imports contacts; journeys and files through `request()`."""

    vendor = VENDOR

    def __init__(self, http: VendorHttp, connection: Which50Connection, deadline: Deadline) -> None:
        super().__init__(http, connection.base_url, connection.authentication, deadline)
        self.account = (connection.base_url, *sorted(connection.authentication.items()))
        """What tells two accounts apart; holds credentials, so it is never logged."""

    def contact_lists(self) -> list[Row]:
        """List the contact lists: `Id`, `Name`, `Count` [DOC GET-contactLists]."""
        return rows(self._read("list contact lists", "/contactLists"))

    def contact_list(self, list_id: int) -> Row:
        """Read one contact list [DOC GET-contactLists-contactListId]."""
        return _row(self._read("read contact list", f"/contactLists/{list_id}"))

    def fields(self, list_id: int) -> list[Row]:
        """List a contact list's fields, whose names `Values` uses [DOC GET-contactLists-contactListId-fields]."""
        body = self._read("list fields", f"/contactLists/{list_id}/fields")
        if not isinstance(body, list):
            raise Unavailable(VENDOR, "list fields", detail="answer not understood")
        return rows(body)

    def field(self, list_id: int, field_id: int) -> Row:
        """Read one field [DOC GET-contactLists-contactListId-fields-fieldId]."""
        return _row(self._read("read field", f"/contactLists/{list_id}/fields/{field_id}"))

    def contacts(self, list_id: int, query: Query = ()) -> list[Row]:
        """List a contact list's contacts [seed]: all of them, so never in a visitor's request.

        Args:
            list_id: the contact list.
            query: e.g. `[("$top", "100")]`; undocumented here, other lists of this API are OData-like (assumed).
        """
        return rows(self._read("list contacts", f"/contactLists/{list_id}/contacts", query))

    def contact(self, contact_id: str) -> Row:
        """Read one contact by its encrypted id, `EncContactId` [DOC GET-contacts-contactId]."""
        return _row(self._read("read contact", f"/contacts/{_segment(contact_id)}"))

    def interactions(self, contact_id: str, kind: Interaction) -> Any:
        """Read one list of a contact's interactions [seed]; the answers' shapes are not documented."""
        return self._read(f"read {kind}", f"/contacts/{_segment(contact_id)}/{kind}")

    def journey_activities(self, contact_id: str, journey_id: int) -> Any:
        """Read all of a contact's interactions in one journey [seed]."""
        return self._read("read journey activities", f"/contacts/{_segment(contact_id)}/journeyactivities/{journey_id}")

    def server_time(self) -> Any:
        """Read the server's clock [seed]; its format is not documented."""
        return self._read("read server time", "/contactLists/serverTime")

    def write_contact(
        self, list_id: int, values: Mapping[str, Value], *, match: Sequence[str], custom_events: Sequence[str] = ()
    ) -> Row:
        """Create the contact, or update ALL that equal it in every `match` field [DOC POST-…-contact].

        Raises:
            Refused: without a call, when a matched value is blank: it would hit everybody who lacks it.
        """
        _refuse_blank_match(values, match)
        reply = self.request(
            "write contact",
            "POST",
            f"/contactLists/{list_id}/contact",
            effect=_effect(custom_events),
            query=_conventions(match, custom_events),
            body=_contact(list_id, values),
        )
        return _row(_json(reply, "write contact"))

    def update_matching(
        self,
        list_id: int,
        values: Mapping[str, Value],
        *,
        match: Mapping[str, str],
        custom_events: Sequence[str] = (),
    ) -> Row:
        """Update all contacts that have the matched values [DOC PATCH-…-contact].

        The values stand in the URL, and so in the logs of everything in between: no flow of ours uses it.
        """
        _refuse_blank_match(match, tuple(match))
        reply = self.request(
            "update matching contacts",
            "PATCH",
            f"/contactLists/{list_id}/contact",
            effect=_effect(custom_events),
            query=[*_conventions(tuple(match), custom_events), *match.items()],
            body={"Values": dict(values)},
        )
        return _row(_json(reply, "update matching contacts"))

    def submit_contact_form(self, form: Mapping[str, str]) -> None:
        """Post the fields of an old `Contact.aspx` form [DOC POST-contactLists-contactForm]; no page names them."""
        self.request("submit contact form", "POST", "/contactLists/contactForm", form=form)

    def register_device(
        self, list_id: int, contact: Row, *, match: Sequence[str], custom_events: Sequence[str] = ()
    ) -> Row:
        """Create or update a contact and store its device [DOC POST-…-registerDevice]; its member is not documented."""
        _refuse_blank_match(contact.get("Values", {}), match)
        reply = self.request(
            "register device",
            "POST",
            f"/contactLists/{list_id}/registerDevice",
            effect=_effect(custom_events),
            query=_conventions(match, custom_events),
            body={**contact, "ListId": list_id},
        )
        return _row(_json(reply, "register device"))

    def open_import(self, list_id: int, field_names: Sequence[str]) -> Row:
        """Open an import job [DOC POST-…-import]; a second one after a lost answer leaves an orphan."""
        path = f"/contactLists/{list_id}/import"
        return _row(self.request("open import", "POST", path, body={"FieldNames": list(field_names)}).body)

    def add_to_import(self, list_id: int, job_id: int, contacts: Sequence[Mapping[str, Value]]) -> Row:
        """Add a batch of contacts' values, 10,000 at most, to an open job [DOC POST-…-import-importJobId]."""
        path = f"/contactLists/{list_id}/import/{job_id}"
        return _row(self.request("add to import", "POST", path, body=[_contact(list_id, c) for c in contacts]).body)

    def run_import(self, list_id: int, job_id: int, *, match: Sequence[str], custom_events: Sequence[str] = ()) -> Row:
        """Start a filled job; without this nothing is written [DOC POST-…-import-importJobId-run]."""
        path = f"/contactLists/{list_id}/import/{job_id}/run"
        return _row(self.request("run import", "POST", path, query=_conventions(match, custom_events)).body)

    def import_status(self, list_id: int, job_id: int) -> Row:
        """Read how far a job is [DOC GET-…-import-importJobId]."""
        return _row(self._read("read import", f"/contactLists/{list_id}/import/{job_id}"))

    def _read(self, operation: str, path: str, query: Query = ()) -> Any:
        return _json(self.request(operation, "GET", path, effect=Effect.READ, query=query), operation)


def _segment(text: str) -> str:
    return quote(text, safe="")


def _row(body: Any) -> Row:
    return body if isinstance(body, dict) else {}


def _contact(list_id: int, values: Mapping[str, Value]) -> Row:
    # Path and body must name the same list: which of them wins is not documented.
    return {"ListId": list_id, "Values": dict(values)}


def _conventions(match: Sequence[str], custom_events: Sequence[str]) -> list[tuple[str, str]]:
    events = [("customevents", ",".join(custom_events))] if custom_events else []
    return [("match", ",".join(match)), *events]


def _effect(custom_events: Sequence[str]) -> Effect:
    """A matched write ends the same however often it is made; its events go out every time [DOC]."""
    return Effect.ONCE if custom_events else Effect.REPEATABLE


def _refuse_blank_match(values: Mapping[str, Any], match: Collection[str]) -> None:
    if not match or any(not str(values.get(name, "")).strip() for name in match):
        raise Refused(VENDOR, "match contacts", detail="a matched value is blank")


def _json(reply: Reply, operation: str) -> Any:
    """Return the answer's JSON, or None for an empty answer; anything else is a log-in page or a proxy (assumed)."""
    if reply.body is None and not reply.empty and "json" not in reply.headers.get("content-type", ""):
        raise Misconfigured(VENDOR, operation, status=reply.status, detail="the answer is not JSON")
    return reply.body


IMPORT_ROWS = 1_000
"""Rows of one call: 10,000 are allowed [DOC], but the limit in bytes is not documented."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import job did, by the vendor's own counts [DOC GET-…-import-importJobId]."""

    finished: bool
    sent: int
    inserted: int
    updated: int
    not_updated: int
    dropped: int
    """Existing contacts that the job deleted; anything but 0 is alarming."""
    invalid_emails: int
    invalid_phones: int

    @property
    def unaccounted(self) -> int:
        """Rows that were sent and appear in no count."""
        return self.sent - self.inserted - self.updated - self.not_updated


class Which50Import:
    """A bulk upsert: open, add, run, wait, reconcile. For draining many sign-ups at once, not for one.

    Keep `job_id` before adding rows and give it to a new object to go on after a crash: opening again makes an orphan.
    """

    def __init__(
        self,
        client: Which50Client,
        list_id: int,
        match: Sequence[str],
        *,
        job_id: int | None = None,
        sent: int = 0,
    ) -> None:
        self._client = client
        self._list_id = list_id
        self._match = match
        self.job_id = job_id
        self.sent = sent

    def open(self, field_names: Sequence[str]) -> int:
        """Open the job for these fields and return its id; values of other fields would not be imported."""
        job_id = self._client.open_import(self._list_id, field_names).get("Id")
        if not isinstance(job_id, int):
            raise OutcomeUnknown(VENDOR, "open import", detail="the answer names no job")
        self.job_id = job_id
        return job_id

    def add(self, contacts: Sequence[Mapping[str, Value]]) -> None:
        """Add contacts' values; each must have every matched value."""
        for contact in contacts:
            _refuse_blank_match(contact, self._match)
        for start in range(0, len(contacts), IMPORT_ROWS):
            batch = contacts[start : start + IMPORT_ROWS]
            self._client.add_to_import(self._list_id, self._job(), batch)
            self.sent += len(batch)

    def run(self, custom_events: Sequence[str] = ()) -> None:
        """Start the job."""
        self._client.run_import(self._list_id, self._job(), match=self._match, custom_events=custom_events)

    def poll(self) -> ImportReport:
        """Ask how far the job is; `CurrentStatus` has no documented values, so percent and end date decide."""
        job = self._client.import_status(self._list_id, self._job())
        report = ImportReport(
            finished=_number(job, "ProgressPercent") >= 100 or bool(job.get("FinishDate")),
            sent=self.sent,
            inserted=_number(job, "InsertedContacts"),
            updated=_number(job, "UpdatedContacts"),
            not_updated=_number(job, "NotUpdatedContacts"),
            dropped=_number(job, "DroppedContacts"),
            invalid_emails=_number(job, "InvalidEmailCount"),
            invalid_phones=_number(job, "InvalidSmsCount"),
        )
        if report.finished and report.dropped:
            count("ImportDroppedContacts", report.dropped, vendor=VENDOR)
        return report

    def wait(self, until: Deadline, pause: float = 5.0, sleep: Callable[[float], None] = time.sleep) -> ImportReport:
        """Poll every `pause` seconds and return the report; unfinished when `until` comes first."""
        while not (report := self.poll()).finished and until.remaining > pause:
            sleep(pause)
        return report

    def _job(self) -> int:
        if self.job_id is None:
            raise Misconfigured(VENDOR, "import", detail="the job is not open")
        return self.job_id


def _number(job: Row, name: str) -> int:
    value = job.get(name)
    return value if isinstance(value, int) else 0


def _listed(names: Any) -> Any:
    return [names] if isinstance(names, str) else names


def _flat(fields: Any) -> Any:
    """Accept the TOML key `consent.email` however it is written: quoted, dotted, or as a table `consent`."""
    if isinstance(fields, dict) and isinstance(fields.get("consent"), dict):
        consents = {f"consent.{channel}": field for channel, field in fields["consent"].items()}
        return {**{name: field for name, field in fields.items() if name != "consent"}, **consents}
    return fields


# `match` and `customevents` are comma lists, and no page says how a comma would be escaped [DOC].
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^,\r\n]+$")]
Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]

MATCHABLE = frozenset({"email", "phone", "npi"})
"""Attributes that name one person; a match on a name or a city would overwrite everybody who shares it."""
MAPPABLE = ATTRIBUTES | {f"consent.{channel}" for channel in get_args(Channel)}


class UpsertOptions(Options):
    """`action = "upsert"`."""

    contact_list_id: Annotated[int, Field(strict=True, gt=0)]
    fields: Annotated[dict[str, Name], BeforeValidator(_flat), Field(min_length=1)]
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
