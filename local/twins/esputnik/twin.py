"""eSputnik (Yespo), simulated: subscription, single contacts, search, bulk imports, segments and events.

Facts are the public reference and the vendor's own connectors; what they leave open is a switch.
"""

import time
from typing import Any

from local.twins.esputnik.contacts import channel_values, first_value
from local.twins.esputnik.imports import check_import, download
from local.twins.esputnik.organisation import V1, Organisation
from local.twins.esputnik.rules import check_contact, check_form_type, check_names, check_postcode, custom_values
from local.twins.messages import Answer, Record, RefusedError, Request, json_answer, text_answer
from local.twins.server import route


class EsputnikTwin(Organisation):
    """Simulates eSputnik; any user name goes, the password is the API key."""

    vendor = "esputnik"
    title = "eSputnik / Yespo"
    summary = "Contacts, subscription events, segments"

    def all_contacts(self) -> list[Record]:
        """Return all contacts with their segments, and whether their address is unsubscribed."""
        self.imports.run_due(self.options.import_seconds)
        held = self.book.contacts.values()
        return [{**self.book.view(each), "unsubscribed": self._is_unsubscribed(each)} for each in held]

    def seed(self, contact: Record) -> Record:
        """Take a contact object, with `confirmed` and segment names in `groups` where wanted."""
        held = self.book.create(contact, confirmed=bool(contact.get("confirmed", True)))
        self.join(held, contact.get("groups", []))
        return self.book.view(held)

    @route("POST", f"{V1}/contact/subscribe")
    def subscribe(self, request: Request) -> Answer:
        """Create an unconfirmed contact, or update one but for its channels; every call launches an event."""
        given = request.record()
        contact, form_type = self._checked(given.get("contact")), check_form_type(given.get("formType") or "")
        groups = check_names(given.get("groups") or [], "groups")
        subscriptions = check_names(given.get("subscriptions") or [], "subscriptions")
        self.rates["subscribe"].check(time.monotonic(), self.options.rate_limit)
        self._refuse_repeat(request, [contact])
        held = self.book.matching(contact)
        event = "subscribeUpdateFromApi" if held else "subscribeFromApi"
        held = self.book.update(held, contact) if held else self.book.create(contact, confirmed=False)
        self.join(held, groups)
        held["subscriptions"] = sorted({*held["subscriptions"], *subscriptions})
        email = first_value(held, "email")
        params = {"ContactId": held["id"], **({"EmailAddress": email} if email else {})}
        self.fire(f"{event}-{form_type}" if form_type else event, held["id"], key=held["id"], **params)
        return json_answer({"id": held["id"]}, committed=True)

    @route("POST", f"{V1}/contact")
    def upsert(self, request: Request) -> Answer:
        """Create a confirmed contact or update one; no segments, no event, no double opt-in."""
        contact = self._checked(request.record())
        self._refuse_repeat(request, [contact])
        held = self.book.matching(contact) if self.options.post == "upserts" else None
        if held:
            self.book.update(held, contact, channels="replaced")
        else:
            held = self.book.create(contact, confirmed=True)
        return json_answer({"id": held["id"]}, committed=True)

    @route("PUT", f"{V1}/contact/{{id}}")
    def update(self, request: Request) -> Answer:
        """Update by internal id, never create; the answer is a sentence."""
        held, given = self.book.held(request.args["id"]), request.record()
        custom_values(given)
        if self.options.put == "replace" or "channels" in given:
            self._checked(given)
        if self.options.put == "replace":
            self.book.replace(held, given)
        else:
            self.book.update(held, given, channels="replaced")
        return text_answer(f"Contact with id='{held['id']}' has been updated", committed=True)

    @route("GET", f"{V1}/contact/{{id}}")
    def read(self, request: Request) -> Answer:
        """Read one contact, at once and without the index."""
        return json_answer(self.book.view(self.book.held(request.args["id"])))

    @route("DELETE", f"{V1}/contact/{{id}}")
    def delete(self, request: Request) -> Answer:
        """Delete by internal id; the answer is a sentence."""
        held = self.book.held(request.args["id"])
        self.book.delete(held["id"])
        return text_answer(f"Contact with id='{held['id']}' has been deleted", committed=True)

    @route("DELETE", f"{V1}/contact")
    def delete_external(self, request: Request) -> Answer:
        """Delete by external id, for good with `erase=true`."""
        held = self.book.matching({"externalCustomerId": request.first("externalCustomerId") or None})
        if held is None:
            raise RefusedError(404, "Contact not found")
        self.book.delete(held["id"], erase=request.first("erase") == "true")
        return text_answer(f"Contact with id='{held['id']}' has been deleted", committed=True)

    @route("GET", f"{V1}/contacts")
    def search(self, request: Request) -> Answer:
        """Find by parts of values, near misses first; an unfiltered total counts contacts long gone."""
        wanted = {name: request.first(name).casefold() for name in ("email", "sms", "firstname", "lastname")}
        wanted = {name: text for name, text in wanted.items() if text}
        found = [each for each in self.index.as_of(self.options.search_lag) if _is_hit(each, wanted)]
        found.sort(key=lambda each: wanted.get("email") in channel_values(each, "email"))
        page = [self.book.view(each) for each in self.page(request, found)]
        return json_answer(page, headers={"TotalCount": str(len(found) if wanted else self.book.ever)})

    @route("GET", f"{V1}/contacts/email")
    def emails(self, request: Request) -> Answer:
        """Translate internal ids to addresses."""
        held = [
            self.book.contacts[int(each)] for each in request.first("ids").split(",") if int(each) in self.book.contacts
        ]
        return json_answer(
            {"results": [{"contactId": each["id"], "email": first_value(each, "email")} for each in held]}
        )

    @route("POST", f"{V1}/contacts")
    def bulk(self, request: Request) -> Answer:
        """Accept 1 to 3000 confirmed contacts, written later; 200 may come with failures."""
        given = request.record()
        check_import(given)
        self.rates["bulk"].check(time.monotonic(), self.options.rate_limit)
        if self.options.error_message:
            return json_answer({"id": 0, "errorMessage": self.options.error_message})
        self._refuse_repeat(request, given["contacts"])
        good = [each for each in given["contacts"] if self._is_importable(each)]
        failed = [each for each in given["contacts"] if each not in good]
        session = self.imports.open(given, lambda: good)
        if self.options.single_import_id and len(good) == 1:
            self.imports.run_due(0)
        ids = session.contact_ids or [0]
        answer = {"asyncSessionId": session.number, "id": ids[0]}
        # an array, but a single object when one contact failed, as the vendor's connector found
        trouble = {"failedContacts": failed if len(failed) > 1 else failed[0]} if failed else {}
        return json_answer({**answer, **trouble}, committed=True)

    @route("POST", f"{V1}/contacts/upload")
    def upload(self, request: Request) -> Answer:
        """Accept the address of a CSV file, fetched and imported later."""
        given = request.record()
        link = str(given.get("link") or "")
        if not link:
            raise RefusedError(400, "link is required")
        session = self.imports.open({"dedupeOn": "email", **given}, lambda: download(link))
        return json_answer({"asyncSessionId": session.number, "id": 0}, committed=True)

    @route("GET", f"{V1}/importstatus/{{session}}")
    def import_status(self, request: Request) -> Answer:
        """Tell how far an import is."""
        session = self.imports.sessions.get(request.args["session"])
        fresh = session is not None and session.state == "STARTED" and self.options.fresh_import == "missing"
        if session is None or fresh:
            raise RefusedError(404, "Import session not found")
        told = {"id": session.number, "status": session.state, "description": session.description}
        return json_answer({**told, "contactIds": session.contact_ids})

    def _checked(self, contact: Any) -> Record:
        if not isinstance(contact, dict):
            raise RefusedError(400, "contact is required")
        check_contact(contact, names=self.options.names == "checked", sms_plus=self.options.sms == "plus")
        if self.options.postcode == "number":
            check_postcode(contact)
        return contact

    def _is_importable(self, contact: Any) -> bool:
        try:
            return bool(self._checked(contact))
        except RefusedError:
            return False

    def _refuse_repeat(self, request: Request, contacts: list[Any]) -> None:
        people = sorted(str(each.get("channels")) for each in contacts if isinstance(each, dict))
        key = (request.path, request.body if self.options.duplicate_by == "body" else tuple(people))
        self.repeats.check(key, time.monotonic(), self.options.duplicate_window)
        self.repeats.keep(key, time.monotonic())

    def _is_unsubscribed(self, contact: Record) -> bool:
        return bool(channel_values(contact, "email") & self.book.unsubscribed)


def _is_hit(contact: Record, wanted: Record) -> bool:
    texts = {
        "email": " ".join(channel_values(contact, "email")),
        "sms": " ".join(channel_values(contact, "sms")),
        "firstname": str(contact["firstName"] or "").casefold(),
        "lastname": str(contact["lastName"] or "").casefold(),
    }
    return all(text in texts[name] for name, text in wanted.items())
