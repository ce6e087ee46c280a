"""Pulse Engagement Cloud: contact upsert and form submission.

Sources: [seed] api-docs.pulsehealth.tech overview; [WP] the vendor's WordPress plugin, InTouchMD/PEC-Wordpress 1.0.1;
[PY] a public Python client of the form API. What none of them says is marked "assumed" where it is decided.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Ambiguous, NotFound, Refused, TryLater, Unavailable
from shared.http import Effect, Reply, VendorHttp
from shared.submission import digest
from shared.telemetry import count, logger
from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection, Credential
from shared.vendors.exact import digits, present, rows, same_email
from shared.vendors.flows import Created, sent_once, upsert
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task

VENDOR = "pulse"
Row = dict[str, Any]


class PulseConnection(Connection):
    """Secret of a Pulse connection. Token and account id look alike [seed]; `relay check --live` tells them apart."""

    account_id: Credential
    api_token: Credential


class PulseClient(VendorClient):
    """Every documented call that finds or writes a contact."""

    vendor = VENDOR

    def __init__(self, http: VendorHttp, connection: PulseConnection, deadline: Deadline) -> None:
        headers = {
            "Authorization": f"API-TOKEN {connection.api_token}",
            "X-Account": connection.account_id,
        }
        super().__init__(http, connection.base_url, headers, deadline)

    def search_contacts(self, text: str, *, fields: Sequence[str] = (), sort: Sequence[str] = ()) -> list[Row]:
        """Search by the displayed e-mail address; a full-text search, not a key look-up [seed].

        Args:
            text: what to search for.
            fields: names to restrict the answer to.
            sort: `field:ASC` or `field:DESC`, most important first.
        """
        query = [("groups[]", "contact_display_email"), ("simpleSearch", text)]
        query += [("fields[]", name) for name in fields] + [("sort[]", order) for order in sort]
        try:
            reply = self.request("search contacts", "GET", "/contacts/search", effect=Effect.READ, query=query)
        except NotFound:
            return []  # "an appropriate response" for nobody may be a 404 [seed]
        return self._contacts(reply)

    def create_contact(self, contact: Row) -> Row:
        """Create a contact; `source` is required [seed]. Returns the vendor's record as far as it answers one."""
        return _record(_accepted(self.request("create contact", "POST", "/contacts", body=contact)))

    def update_contact(self, contact_id: str, contact: Row) -> Row:
        """Update a contact by Pulse's id [seed]."""
        reply = self.request(
            "update contact",
            "PUT",
            f"/contacts/{_segment(contact_id)}",
            effect=Effect.REPEATABLE,
            body=contact,
        )
        return _record(_accepted(reply))

    def submit_form(self, form_uuid: str, fields: Row) -> None:
        """Submit a form in its flat dialect [WP]; every call may fire the form's actions."""
        _accepted(self.request("submit form", "POST", f"/forms/{_segment(form_uuid)}/submit", body=fields))

    def list_forms(self) -> list[Row]:
        """List the account's forms; the vendor's own plugin checks credentials with it [WP]."""
        return rows(self.request("list forms", "GET", "/forms", effect=Effect.READ).body, "items")

    def _contacts(self, reply: Reply) -> list[Row]:
        """Read a search answer under every plausible wrapper; its shape is not documented."""
        body = reply.body
        while isinstance(body, dict) and "id" not in body:
            inner = next((body[name] for name in _WRAPPERS if name in body), None)
            if inner is None:
                break
            body = inner
        if isinstance(body, dict) and "id" in body:
            return [body]
        if isinstance(body, list) or reply.empty:
            return rows(body or [])
        # Not understood is not "nobody": creating now would make a duplicate.
        raise Unavailable(VENDOR, "search contacts", status=reply.status, detail="answer not understood")


_WRAPPERS = ("items", "data", "contacts", "results")


def _segment(text: str) -> str:
    """Return text that is safe as one path segment: ids and uuids hold nothing else."""
    return re.sub(r"[^A-Za-z0-9_-]", "", text)


def _record(reply: Reply) -> Row:
    body = reply.body
    for name in ("data", "contact", "item"):
        if isinstance(body, dict) and "id" not in body and isinstance(body.get(name), dict):
            body = body[name]
    return body if isinstance(body, dict) else {}


def _accepted(reply: Reply) -> Reply:
    """Refuse a 2xx whose body says failure; the vendor's older API answered so (`code` other than 0)."""
    body = reply.body
    if isinstance(body, dict) and (
        body.get("success") is False or body.get("errors") or body.get("error") or body.get("code") not in (None, 0)
    ):
        raise Refused(VENDOR, "write", status=reply.status, detail="the answer reports a failure")
    return reply


# Our attributes in Pulse's words; the same in both dialects [seed][WP].
_PERSON = {
    "salutation": "salutation",
    "first_name": "firstName",
    "middle_name": "middleName",
    "last_name": "lastName",
    "credentials": "credentials",
    "gender": "gender",
    "npi": "npi",
    "specialty": "specialty",
    "contact_type": "contactType",
}
_PLACE = {
    "company": "company",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "city": "city",
    "state": "state",
    "postal_code": "postalCode",
    "country": "country",
}
_PATIENTS = frozenset({"patient", "caregiver"})


class _Written:
    """A contact in Pulse's words, without the parts that Pulse's rules would refuse."""

    def __init__(self, contact: Contact, international_phones: bool, contact_type: str | None = None) -> None:
        self.left_out: list[str] = []
        self.email = contact.email or ""
        self.person = present({theirs: getattr(contact, ours) for ours, theirs in _PERSON.items()})
        kind = (contact.contact_type or contact_type or "").casefold()
        self._drop_if("npi", self.person, not re.fullmatch(r"\d{10}", contact.npi or "") or kind in _PATIENTS)
        self.phone = self._phone(contact.phone, international_phones)
        self.place = self._place(contact)

    def _drop_if(self, name: str, values: dict[str, Any], bad: bool) -> None:
        if bad and values.pop(name, None) is not None:
            self.left_out.append(name)

    def _phone(self, phone: str | None, international: bool) -> str | None:
        if phone is None:
            return None
        number = digits(phone)
        if phone.startswith("+1") and len(number) == 11:
            return number[1:]  # ten bare digits, `^\d{10}$` [WP]
        if international:
            return number
        self.left_out.append("phone")
        return None

    def _place(self, contact: Contact) -> Row:
        """Check the location rules [seed]: line 2 needs line 1; line 1 needs city, state, postal code; city needs state."""
        place = present({theirs: getattr(contact, ours) for ours, theirs in _PLACE.items()})
        american = place.get("country", "US").upper() in {"US", "USA", "UNITED STATES"}
        self._drop_if(
            "postalCode",
            place,
            american and not re.fullmatch(r"\d{5}(-\d{4})?", place.get("postalCode", "")),  # [WP]
        )
        whole = (
            ("addressLine2" not in place or "addressLine1" in place)
            and ("addressLine1" not in place or {"city", "state", "postalCode"} <= place.keys())
            and ("city" not in place or "state" in place)
        )
        if whole:
            return place
        self.left_out.append("location")
        return {name: value for name, value in place.items() if name == "company"}


class PulseOptions(Options):
    """What both Pulse actions share."""

    is_test: bool = False
    """Mark the contact as a test: excluded from reports and hidden from search [seed]."""
    international_phones: bool = False
    """Send numbers outside +1 as digits with country code; else they are left out, as the plugin refuses them."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address: it is what Pulse looks a contact up by."""
        return (frozenset({"email"}),)

    def identity(self, contact: Contact) -> Identity:
        """The e-mail address."""
        return {"email": contact.email} if contact.email else {}


class UpsertOptions(PulseOptions):
    """`action = "upsert"`."""

    source: Annotated[int, Field(strict=True)]
    """Issued by Pulse; may differ between staging and production [seed]."""
    contact_type: str | None = None
    """`HCP`, `Patient`, …; used on create where the form says nothing."""
    search_page_size: Annotated[int, Field(gt=1)] = 10
    """As many near misses, none exact, may be a full page that hides the contact (assumed; paging is not documented)."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A contact at Pulse. A list is None where the search has not shown it."""

    id: str
    emails: list[Row] | None
    phones: list[Row] | None
    locations: list[Row] | None
    custom: Row
    recalled: bool = False
    """Known from memory only."""


class PulseUpsert:
    """Search by e-mail, exact match, then create or update [seed]."""

    vendor = VENDOR

    def __init__(self, options: UpsertOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """See `shared.vendors.flows.upsert`."""
        self._task, self._memory = task, memory
        self._contact = _Written(task.contact, self._options.international_phones, self._options.contact_type)
        return upsert(self, task, memory)

    def find(self) -> _Found | None:
        """Keep exact matches only; of several take the remembered, else the oldest, and never make another."""
        hits = self._client.search_contacts(self._contact.email)
        exact = sorted((hit for hit in hits if _has_email(hit, self._contact.email)), key=_age)
        if not exact:
            if len(hits) >= self._options.search_page_size:
                raise Ambiguous(VENDOR, "search contacts", detail="a full page of near misses")
            return None
        if len(exact) > 1:
            logger.warning("several contacts with one e-mail address", vendor=VENDOR, contacts=len(exact))
            count("DuplicateAtVendor", vendor=VENDOR)
        known = (hit for hit in exact if str(hit.get("id")) == self._memory.contact_id)
        return _found(next(known, exact[0]))

    def recall(self, contact_id: str, details: Row) -> _Found | None:
        """The contact as we created it; the search may lag, and test contacts are never found [seed]."""
        email_id = details.get("email_id")
        emails = [{"id": email_id, "emailAddress": self._contact.email}] if email_id else None
        return _Found(contact_id, emails, None, None, {}, recalled=True)

    def id_of(self, found: _Found) -> str:
        """Pulse's contact id."""
        return found.id

    def create(self) -> Created:
        """Send the whole contact; consent flags only where consent was given."""
        contact, channels = self._contact, self._task.channels
        email = {"emailAddress": contact.email, **_flag("isSubscribed", "email" in channels)}
        record = self._client.create_contact(
            present(
                {
                    "contactType": self._options.contact_type,
                    **contact.person,
                    "source": self._options.source,
                    "isTest": self._options.is_test,
                    "emails": [email],
                    "phones": [{"phone": contact.phone, **self._phone_flags()}] if contact.phone else [],
                    "locations": [contact.place] if contact.place else [],
                    "customFields": dict(self._task.custom),
                }
            )
        )
        sub_id = next((e.get("id") for e in _sub_records(record, "emails") if _is(e, contact.email)), None)
        return Created(
            contact_id=str(record["id"]) if record.get("id") is not None else None,
            details=present({"email_id": sub_id}),
            receipt=Receipt(tuple(contact.left_out)),
        )

    def update(self, found: _Found) -> Receipt:
        """Send only what was supplied, and arrays only whole: PUT may merge or replace, nobody says which."""
        left_out = list(self._contact.left_out)
        arrays: Row = {}
        for name, wanted, existing in (
            ("emails", self._wanted_email(), found.emails),
            ("phones", self._wanted_phone(), found.phones),
            ("locations", self._contact.place, found.locations),
        ):
            whole = _whole(existing, wanted) if wanted else []
            if whole is None and found.recalled and not self._options.is_test:
                # The search will show its lists soon; a test contact's never.
                raise TryLater(
                    VENDOR,
                    "update contact",
                    retry_after=self._task.search_lag,
                    detail="the search does not show it yet",
                )
            if whole:
                arrays[name] = whole
            elif whole is None:
                left_out.append(name)
        custom = {**found.custom, **{str(k): v for k, v in self._task.custom.items()}} if self._task.custom else {}
        body = present({**self._contact.person, **arrays, "customFields": custom})
        if body:
            self._client.update_contact(found.id, body)
        return Receipt(tuple(left_out))

    def _wanted_email(self) -> Row:
        return {"emailAddress": self._contact.email, "isSubscribed": True} if "email" in self._task.channels else {}

    def _wanted_phone(self) -> Row:
        return {"phone": self._contact.phone, **self._phone_flags()} if self._contact.phone else {}

    def _phone_flags(self) -> Row:
        # `isPhoneSubscribed` is calls, `isSmsSubscribed` is texts [seed]; absent is no statement.
        channels = self._task.channels
        return {
            **_flag("isPhoneSubscribed", "call" in channels),
            **_flag("isSmsSubscribed", "sms" in channels),
        }


def _flag(name: str, granted: bool) -> Row:
    return {name: True} if granted else {}


_CONSENT_FLAGS = frozenset({"isSubscribed", "isPhoneSubscribed", "isSmsSubscribed"})
_KEYS = ("emailAddress", "phone")


def _whole(existing: list[Row] | None, wanted: Row) -> list[Row] | None:
    """Return the full array with `wanted` merged in, [] when it is there already, None when it cannot be sent safely.

    Consent flags of existing entries are never echoed: the search may be behind, and an echo would undo an opt-out.
    An entry without its id would be added a second time [seed], so such an array is not sent at all.
    """
    if existing is None or any("id" not in row for row in existing):
        return None
    array = [{name: value for name, value in row.items() if name not in _CONSENT_FLAGS} for row in existing]
    match = next((row for row in array if _same_entry(row, wanted)), None)
    if match is None:
        if "emailAddress" in wanted:
            return None  # without its record id Pulse may add a second e-mail; its consent cannot be set
        array.append(wanted)
    elif all(match.get(name) == value for name, value in wanted.items() if name not in _KEYS):
        return []
    else:
        match.update({name: value for name, value in wanted.items() if name not in _KEYS})
    return [present(row) for row in array]


def _same_entry(row: Row, wanted: Row) -> bool:
    if "emailAddress" in wanted:
        return _is(row, wanted["emailAddress"])
    if "phone" in wanted:
        return digits(row.get("phone"))[-10:] == digits(wanted["phone"])[-10:]
    return all(row.get(name) == value for name, value in wanted.items())


def _is(row: Row, email: str) -> bool:
    return same_email(row.get("emailAddress"), email)


def _has_email(hit: Row, email: str) -> bool:
    own = (hit.get(name) for name in ("emailAddress", "email", "contact_display_email"))
    return any(_is(row, email) for row in _sub_records(hit, "emails")) or any(same_email(o, email) for o in own)


def _age(hit: Row) -> tuple[int, str]:
    """Order contacts by id, oldest first, whether ids are numbers or texts."""
    text = str(hit.get("id"))
    return (int(text) if text.isdigit() else 0, text)


def _sub_records(hit: Row, name: str) -> list[Row]:
    return rows(hit.get(name) or [])


def _found(hit: Row) -> _Found:
    if hit.get("id") is None:
        raise Ambiguous(VENDOR, "search contacts", detail="a hit without an id")
    custom = hit.get("customFields")
    lists = {name: _sub_records(hit, name) if name in hit else None for name in ("emails", "phones", "locations")}
    return _Found(
        str(hit["id"]),
        emails=lists["emails"],
        phones=lists["phones"],
        locations=lists["locations"],
        custom=custom if isinstance(custom, dict) else {},
    )


class SubmitFormOptions(PulseOptions):
    """`action = "submit_form"`."""

    form_uuid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
    """The form's `uuid`, as `GET /forms` lists it [WP]."""


MAX_SUBMITS = 3
"""A submission whose answer was lost is repeated a few times only: its actions, e-mails among them, may repeat too."""


class PulseSubmitForm:
    """Form Submission API: the vendor's recommended way for sign-up forms since 2024-03-06 [seed]."""

    def __init__(self, options: SubmitFormOptions, client: PulseClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Submit one flat object [WP]; the nested dialect of the contact API would be ignored silently."""
        contact = _Written(task.contact, self._options.international_phones)
        flags = {
            **_flag("emailIsSubscribed", "email" in task.channels),
            **_flag("phoneIsCallSubscribed", "call" in task.channels and contact.phone is not None),
            **_flag("phoneIsSmsSubscribed", "sms" in task.channels and contact.phone is not None),
            **_flag("isTest", self._options.is_test),  # [PY]
        }
        fields = present(
            {
                "emailAddress": contact.email,
                **contact.person,
                **contact.place,
                "phone": contact.phone,
                **flags,
                "customFields": dict(task.custom),
            }
        )
        body_digest = digest(json.dumps([task.submission_id, fields], sort_keys=True))
        lost = memory.attempted("submit", body_digest)
        if lost is not None and lost.count >= MAX_SUBMITS:
            raise Ambiguous(VENDOR, "submit form", detail=f"no answer to {MAX_SUBMITS} submissions")
        sent_once(memory, "submit", body_digest, lambda: self._client.submit_form(self._options.form_uuid, fields))
        return Receipt(tuple(contact.left_out))


def _upsert(options: UpsertOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline) -> PulseUpsert:
    return PulseUpsert(options, PulseClient(http, connection, deadline))


def _submit_form(
    options: SubmitFormOptions, connection: PulseConnection, http: VendorHttp, deadline: Deadline
) -> PulseSubmitForm:
    return PulseSubmitForm(options, PulseClient(http, connection, deadline))


ACTIONS = (
    ActionSpec(VENDOR, "upsert", UpsertOptions, PulseConnection, _upsert),
    ActionSpec(VENDOR, "submit_form", SubmitFormOptions, PulseConnection, _submit_form),
)
