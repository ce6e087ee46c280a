"""Mailroom, a vendor that does not exist: the example of CONTRIBUTING.md, "Add a vendor", in one file.

Its page, api.example.com/docs, in short: a bearer key; `GET /contacts?email=` finds, not exactly and some seconds late;
`GET /contacts/{id}` reads one as it is now; `POST /contacts` creates; `PATCH /contacts/{id}` changes what it names,
`tags` as a whole list; `GET /account` tells whose key it is. A full mailbox is answered 200 with `undelivered`.
"""

from __future__ import annotations

from shared.conditions import ConditionalName, names_of
from shared.contact import Channel, Contact
from shared.deadline import Deadline
from shared.errors import NotFound
from shared.http.call import AnswerWords, Effect
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.client import VendorClient, segment
from shared.vendors.connection import Connection, Credential
from shared.vendors.filling import without_held
from shared.vendors.flows import Created, upsert
from shared.vendors.matching import has_texts, pick_match, same_email
from shared.vendors.payload import Row, as_row, as_text, drop_empty, is_empty, rows_only, unplaced
from shared.vendors.protocol import ActionSpec, DeliveryRequest, Identity, Options, Requirement, WriteResult

VENDOR = "mailroom"
MEMBERS = {"email": "email", "first_name": "firstName", "last_name": "lastName", "company": "company"}
"""Contact attribute → member of Mailroom's contact."""


class MailroomConnection(Connection):
    """The secret."""

    api_key: Credential

    def _credential(self) -> str:
        return self.api_key


class UpsertOptions(Options):
    """`action = "upsert"`."""

    mailbox: str | None = None
    """Into which mailbox new contacts are put; default: the account's own."""
    tags: tuple[ConditionalName, ...] = ()
    """Tags to add; a form file may give each a `when`."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}

    def sends(self) -> frozenset[str]:
        """All that a contact has a member for."""
        return frozenset(MEMBERS)

    def carried_consents(self) -> frozenset[Channel]:
        """Whoever consents to e-mail gets the newsletter."""
        return frozenset({"email"})


class MailroomClient(VendorClient):
    """The five calls."""

    vendor = VENDOR
    words = AnswerWords(failures=("undelivered",))

    def __init__(self, http: VendorHttp, connection: MailroomConnection, deadline: Deadline) -> None:
        super().__init__(http, connection.base_url, {"Authorization": f"Bearer {connection.api_key}"}, deadline)

    def find(self, email: str) -> list[Row]:
        """Search by an address; near misses are among the hits."""
        reply = self.request("find contacts", "GET", "/contacts", effect=Effect.READ, query=[("email", email)])
        hits = rows_only(as_row(reply.body).get("contacts"))
        if hits is None or not all(map(_is_contact, hits)):
            raise self._not_understood("find contacts", reply)
        return hits

    def read(self, contact_id: str) -> Row:
        """Read a contact as it is now; the search may be behind."""
        reply = self.request("read contact", "GET", f"/contacts/{segment(contact_id)}", effect=Effect.READ)
        if not _is_contact(as_row(reply.body)):
            raise self._not_understood("read contact", reply)
        return as_row(reply.body)

    def create(self, contact: Row) -> Row:
        """Create a contact."""
        return as_row(self.request("create contact", "POST", "/contacts", body=contact).body)

    def change(self, contact_id: str, changes: Row) -> None:
        """Change what is named, and nothing else."""
        self.request("change contact", "PATCH", f"/contacts/{segment(contact_id)}", body=changes)

    def account(self) -> None:
        """Try the key."""
        self.request("read account", "GET", "/account", effect=Effect.READ)


class MailroomUpsert:
    """Find the contact by its address, then create or change it."""

    def __init__(self, options: UpsertOptions, client: MailroomClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """See `shared.vendors.flows.upsert`."""
        return upsert(_Lookup(self._options, self._client, request, record), request, record)


class _Lookup:
    """The steps of that flow for one sign-up."""

    vendor = VENDOR

    def __init__(
        self, options: UpsertOptions, client: MailroomClient, request: DeliveryRequest, record: PersonRecord
    ) -> None:
        self._options = options
        self._client = client
        self._request = request
        self._record = record
        self._contact = _contact_of(request)
        self._result = WriteResult(tuple(unplaced(request.contact, options.sends())))

    def find(self) -> Row | None:
        """The contact with exactly this address; several are told apart by their names."""
        exact = [hit for hit in self._client.find(self._contact["email"]) if self._is_wanted(hit)]
        names = {name: self._contact.get(name) for name in ("firstName", "lastName")}
        return pick_match(VENDOR, exact, has_texts(names)) if exact else None

    def recall(self, contact_id: str) -> Row | None:
        """The remembered contact, unless it is gone or has another address: then it is somebody else."""
        try:
            contact = self._client.read(contact_id)
        except NotFound:
            return None
        return contact if self._is_wanted(contact) else None

    def _is_wanted(self, contact: Row) -> bool:
        return same_email(contact["email"], self._contact["email"])

    def id_of(self, found: Row) -> str:
        """Mailroom's contact id."""
        return str(found["id"])

    def create(self) -> Created:
        """Send all of it; the newsletter only with consent."""
        ours = {**self._contact, "mailbox": self._options.mailbox, "tags": names_of(self._options.tags)}
        answer = self._client.create(drop_empty(ours))
        return Created(str(answer["id"]) if answer.get("id") else None, result=self._result)

    def update(self, found: Row) -> WriteResult:
        """Read the contact, since the search may be behind, and send what Mailroom does not hold yet."""
        held = self._client.read(self.id_of(found))
        request = without_held(self._request, self._record, self._options, lambda name: not is_empty(_held(held, name)))
        ours = {**_contact_of(request), "tags": self._all_tags(held)}
        changes = {name: value for name, value in drop_empty(ours).items() if not _has(held, name, value)}
        if changes:
            self._client.change(self.id_of(found), changes)
        return self._result

    def _all_tags(self, held: Row) -> list[object]:
        """Return the tags that are held, and ours: Mailroom replaces the whole list."""
        there = held.get("tags")
        tags = list(there) if isinstance(there, list) else []
        return [*tags, *(tag for tag in names_of(self._options.tags) if tag not in tags)]


def _is_contact(row: Row) -> bool:
    return row.get("id") is not None and isinstance(row.get("email"), str)


def _contact_of(request: DeliveryRequest) -> Row:
    person = {theirs: getattr(request.contact, ours) for ours, theirs in MEMBERS.items()}
    custom = {str(name): as_text(value) for name, value in request.custom.items()}
    consent = {"newsletter": True} if "email" in request.channels else {}
    return drop_empty({**person, **consent, "fields": custom})


def _held(found: Row, name: str) -> object:
    custom = name.removeprefix("custom.")
    return found.get(MEMBERS.get(name, name)) if custom == name else as_row(found.get("fields")).get(custom)


def _has(found: Row, name: str, value: object) -> bool:
    if name == "email":
        return same_email(found.get(name), value)
    return as_row(found.get(name)).items() >= value.items() if isinstance(value, dict) else found.get(name) == value


def _build(
    options: UpsertOptions, connection: MailroomConnection, http: VendorHttp, deadline: Deadline
) -> MailroomUpsert:
    return MailroomUpsert(options, MailroomClient(http, connection, deadline))


def _probe(connection: MailroomConnection, http: VendorHttp, deadline: Deadline) -> None:
    MailroomClient(http, connection, deadline).account()


ACTIONS = (ActionSpec(VENDOR, "upsert", UpsertOptions, MailroomConnection, _build, probe=_probe, reads_contact=True),)
