"""The asynchronous writes of the eSputnik twin: bulk contacts and files, worked off after the call."""

import csv
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.request import urlopen

from local.twins.esputnik.contacts import PLACE, PLAIN, ContactBook, first_value
from local.twins.esputnik.rules import custom_values
from local.twins.messages import Record, RefusedError

# `dedupeOn` → channels in the order in which they are searched; "email_or_sms" looks at sms first
DEDUPE = {
    "email": ("email",),
    "sms": ("sms",),
    "email_or_sms": ("sms", "email"),
    "push": ("mobilepush",),
    "webpush": ("webpush",),
    "id": (),
    "fieldId": (),
    "externalCustomerId": (),
}
_MOST_CONTACTS = 3000
_EVENT_KEY = re.compile(r"[A-Za-z0-9]{1,100}")


@dataclass
class Session:
    """One import, from its call to its end."""

    number: str
    request: Record
    contacts: Callable[[], list[Record]]
    called_at: float
    state: str = "STARTED"
    description: str = ""
    contact_ids: list[int] = field(default_factory=list)


class Imports:
    """The sessions of one organisation; `run_due` does what time has brought."""

    def __init__(self, book: ContactBook, fire: Callable[..., None]) -> None:
        self._book, self._fire = book, fire
        self.sessions: dict[str, Session] = {}
        self._numbers = count(1)

    def open(self, request: Record, contacts: Callable[[], list[Record]]) -> Session:
        """Accept an import, to be run later."""
        session = Session(f"session-{next(self._numbers)}", request, contacts, time.monotonic())
        self.sessions[session.number] = session
        return session

    def run_due(self, seconds: float) -> None:
        """Run the imports that were called at least this long ago."""
        for session in self.sessions.values():
            age = time.monotonic() - session.called_at
            if session.state in ("STARTED", "IMPORTING"):
                session.state = "IMPORTING" if age * 2 >= seconds else "STARTED"
                if age >= seconds:
                    self._run(session)

    def _run(self, session: Session) -> None:
        try:
            contacts = session.contacts()
        except (OSError, ValueError) as error:
            session.state, session.description = "ERROR", type(error).__name__
            return
        for given in contacts:
            session.contact_ids.append(self._write(given, session.request))
        session.state = "FINISHED"

    def _write(self, given: Record, request: Record) -> int:
        held = self._matching(given, request)
        if held is None:
            held = self._book.create(given, confirmed=True)
            self._announce(held, request)
        else:
            self._overwrite(held, given, request)
        for name in request.get("groupNames") or []:
            self._book.members[self._book.segment(name)].add(held["id"])
        for name in request.get("groupNamesExclude") or []:
            self._book.members[self._book.segment(name)].discard(held["id"])
        return int(held["id"])

    def _matching(self, given: Record, request: Record) -> Record | None:
        kinds = DEDUPE[request["dedupeOn"]]
        if request["dedupeOn"] == "id" and not given.get("externalCustomerId"):
            return self._book.contacts.get(given.get("id", 0))
        if request["dedupeOn"] == "fieldId" and not given.get("externalCustomerId"):
            wanted, owners = custom_values(given).get(request["fieldId"]), self._book.contacts.values()
            return next((each for each in owners if custom_values(each).get(request["fieldId"]) == wanted), None)
        found = self._book.matching(given, kinds)
        return found or (self._book.restore(given, kinds) if request.get("restoreDeleted") else None)

    def _overwrite(self, held: Record, given: Record, request: Record) -> None:
        """Write the listed fields; none listed means all, and those without data become null."""
        listed = request.get("contactFields")
        plain = [name for name in PLAIN if (listed is None or name in listed) and name != "addressBookId"]
        place = [name for name in PLACE if listed is None or name in listed]
        address = given.get("address") or {}
        kinds = [kind for kind in ("email", "sms") if listed is None or kind in listed]
        kinds = [kind for kind in kinds if kind not in DEDUPE[request["dedupeOn"]]]  # the key is not written itself
        new = [each for each in given.get("channels") or [] if each["type"] in kinds]
        held["channels"] = [each for each in held["channels"] if each["type"] not in kinds] + new
        listed_ids = request.get("customFieldsIDs") or []
        custom = [{"id": key, "value": value} for key, value in custom_values(given).items() if key in listed_ids]
        written = {**{name: given.get(name) for name in plain}, "fields": custom}
        self._book.update(held, {**written, "address": {name: address.get(name) for name in place}})

    def _announce(self, held: Record, request: Record) -> None:
        email, sms = first_value(held, "email"), first_value(held, "sms")
        if request.get("eventKeyForNewContacts"):
            params = {"contactId": held["id"], "EmailAddress": email, "SMS": sms}
            self._fire(request["eventKeyForNewContacts"], held["id"], key=email or sms, **params)


def check_import(request: Record) -> None:
    """Raise RefusedError (400) where a bulk request breaks a rule."""
    contacts, event_key = request.get("contacts"), request.get("eventKeyForNewContacts")
    if not isinstance(contacts, list) or not 1 <= len(contacts) <= _MOST_CONTACTS:
        raise RefusedError(400, f"contacts must hold 1 to {_MOST_CONTACTS} contacts")
    if request.get("dedupeOn") not in DEDUPE:
        raise RefusedError(400, "dedupeOn is required")
    if request["dedupeOn"] == "fieldId" and not isinstance(request.get("fieldId"), int):
        raise RefusedError(400, "fieldId is required")
    if event_key is not None and not _EVENT_KEY.fullmatch(str(event_key)):
        raise RefusedError(400, "eventKeyForNewContacts must hold Latin letters and digits only")


def download(link: str) -> list[Record]:
    """Read the contacts of a CSV file in UTF-8, as the vendor fetches it; raises OSError and ValueError."""
    if not link.startswith(("http://", "https://")):
        raise ValueError("link must be an HTTP address")
    with urlopen(link, timeout=2) as file:  # noqa: S310 - the scheme is checked above
        rows = csv.DictReader(io.StringIO(file.read().decode("utf-8")))
        return [_contact(row) for row in rows]


def _contact(row: Record) -> Record:
    channels = [{"type": kind, "value": row[kind]} for kind in ("email", "sms") if row.get(kind)]
    return {"channels": channels, **{name: row[name] for name in PLAIN if row.get(name)}}
