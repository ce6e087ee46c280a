"""eSputnik / Yespo: subscribe a form's contact, which launches the vendor's workflow event.

Sources: [seed] "API Methods for Adding Contacts"; [SUB] docs.esputnik.com/reference/subscribecontact-1;
[SHOP] the vendor's own connector Yespo-CDP/yespo-shopify. What none of them says is marked "assumed".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.conditions import Condition, names_of
from shared.contact import Channel
from shared.errors import Ambiguous, Conflict, OutcomeUnknown, RepeatSoon, TryLater
from shared.person_record import PersonRecord, UnconfirmedWrite
from shared.vendors.answer_path import AnswerPaths, Path, read
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.contact import contact_body, merged, send_contact, spelled_plainly, without_postcode
from shared.vendors.esputnik.options import REPEAT_WINDOW_SECONDS, ESputnikOptions, Segment, within_the_minute
from shared.vendors.esputnik.search import ContactFinder
from shared.vendors.flows import digest, send_unrepeatable
from shared.vendors.payload import Row, drop_empty, rows
from shared.vendors.protocol import DeliveryRequest, WriteResult

MAX_SENDS = 3
"""How often a request without an answer is sent: each may send a confirmation mail."""

LONGEST_DELIVERY_SECONDS = 20
"""How long after its begin a delivery's request may reach the vendor: the minute begins that late at most."""


def _form_type(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", value):
        raise ValueError("must be letters, digits, hyphen and underscore, up to 100")
    return value


FormType = Annotated[str, BeforeValidator(_form_type), Field(json_schema_extra={"pattern": "^[A-Za-z0-9_-]{1,100}$"})]
"""The vendor forbids quotes, brackets and punctuation [SUB]; letters, digits, hyphen and underscore are safe."""


class ESputnikAnswers(AnswerPaths):
    """`[destinations.options.answers]`."""

    subscriptions: Path = "[].name || @"
    """The names of a contact's categories, in the answer that lists them: objects with a name, or names (assumed)."""


class SubscribeOptions(ESputnikOptions):
    """`action = "subscribe"`."""

    form_type: FormType | None = None
    """Suffix of the workflow event's name [seed]."""
    subscriptions: tuple[Segment, ...] = ()
    """Subscription categories that are added [SUB]."""
    answers: ESputnikAnswers = ESputnikAnswers()
    """Where the vendor's answers hold what is read of them."""

    def needs_consent(self, asked: frozenset[Channel]) -> tuple[Condition, ...]:
        """A subscription is consent to its messages; it waits for the box of a form that has one for e-mail."""
        return () if "email" in asked else tuple(entry.when or {} for entry in self.subscriptions)

    def carried_consents(self) -> frozenset[Channel]:
        """The call asks to subscribe its first channel: the e-mail, unless `channels` says otherwise."""
        return frozenset({"sms"} if self.channels and self.channels[0] == "phone" else {"email"})


SUBSCRIBE = "subscribe"


class ESputnikSubscribe:
    """`contact/subscribe`: an atomic upsert of an unconfirmed contact that fires an event on every call [seed]."""

    def __init__(self, options: SubscribeOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, request: DeliveryRequest, record: PersonRecord) -> WriteResult:
        """Subscribe; after a lost answer repeat within the minute, or look whether it got through."""
        contact, bad = contact_body(request, self._options.sent_channels(request.contact))
        left_out = list(bad)
        if request.is_late:
            self._update_without_event(contact, left_out, request, record)
            return WriteResult(tuple(left_out))
        body = self._body(contact, request)
        # By what was said, not by which sign-up: one sent again after a crash is the same request to the vendor.
        said = digest(json.dumps(body, sort_keys=True))
        lost = record.find_unconfirmed(SUBSCRIBE, said)
        in_window = lost is not None and _in_window(lost, request.now)
        if lost is not None and not in_window:
            self._look_before_a_repeat(body, lost, request)
        self._send(
            lambda: send_contact(contact, lambda part: self._client.subscribe(self._body(part, request)), left_out),
            said,
            record,
            repeat_is_known=in_window and not may_mean_another(said, request, record),
        )
        record.memory = record.memory.model_copy(update={"said": said, "said_at": request.now})
        return WriteResult(tuple(left_out))

    def _update_without_event(
        self, contact: Row, left_out: list[str], request: DeliveryRequest, record: PersonRecord
    ) -> None:
        """Write an older sign-up's part by a PUT: a subscribe would run the form's workflow event again [seed]."""
        found = ContactFinder(self._client, contact["channels"][0], contact).find()
        if found is None:
            # A newer sign-up of this form has subscribed the contact, so the search is behind.
            raise TryLater(VENDOR, "find contact", retry_after=request.search_lag, detail="subscribed, not found yet")
        record.contact_id = str(found["id"])
        part = {name: value for name, value in contact.items() if name != "channels"}  # kept as they are [SUB]

        def send(part: Row) -> None:
            self._client.update_contact(int(found["id"]), merged(found, part)[0])

        if merged(found, part)[0] != merged(found, {})[0]:
            send_contact(part, send, left_out)

    def _body(self, contact: Row, request: DeliveryRequest) -> Row:
        options = self._options
        may_subscribe = "email" in request.channels or "email" not in request.asked
        return drop_empty(
            {
                "contact": contact,
                "groups": names_of(options.groups),
                "subscriptions": names_of(options.subscriptions) if may_subscribe else [],
                "formType": options.form_type,
            }
        )

    def _send(
        self, subscribe: Callable[[], int | None], key: str, record: PersonRecord, *, repeat_is_known: bool
    ) -> None:
        before = record.find_recorded(SUBSCRIBE, key)
        try:
            contact_id = send_unrepeatable(record, SUBSCRIBE, key, subscribe)
        except Conflict:
            if not repeat_is_known:
                # It may be an earlier request of this person, with other data: wait until its minute is over.
                raise within_the_minute("subscribe contact") from None
            # The first try of this very request got through [SHOP]; the answer names no id.
            record.clear(SUBSCRIBE, key)
        except OutcomeUnknown as error:
            if error.status == 503 and before is not None:
                # Most likely not taken (assumed): an outage that answers must not use up the few repeats.
                record.restore(SUBSCRIBE, key, before)
            if error.retry_after is not None:
                raise
            raise error.restated(RepeatSoon) from None
        else:
            if contact_id and str(contact_id) != record.contact_id:
                record.contact_id = str(contact_id)
                record.note_created()  # it may be new

    def _look_before_a_repeat(self, body: Row, lost: UnconfirmedWrite, request: DeliveryRequest) -> None:
        """Wait until the lost call is over; after a few repeats stop if the vendor has all that was sent.

        That the vendor has it proves nothing, since another form or the CRM may have written it. So the request is
        sent again: a second confirmation mail costs less than none.

        Raises:
            TryLater: the vendor may still work on the lost call.
            Ambiguous: the last of the repeats may have got through, or none.
        """
        if request.now < lost.over_at + request.search_lag:
            raise TryLater(VENDOR, "search contacts", retry_after=lost.over_at + request.search_lag - request.now)
        if lost.count >= MAX_SENDS and self._vendor_has(body):
            raise Ambiguous(VENDOR, "subscribe contact", detail=f"no answer to {lost.count} requests")

    def _vendor_has(self, body: Row) -> bool:
        """Whether the vendor holds all that was said; nothing that it does not show speaks against it."""
        contact = {**(without_postcode(body["contact"]) or body["contact"])}
        channel, *_ = contact.pop("channels")  # those of an existing contact are not written [SUB]
        found = ContactFinder(self._client, channel, contact).find()
        if found is None:
            return False
        groups = {row.get("name") for row in rows(found.get("groups"))}
        joined = "groups" not in found or groups.issuperset(body.get("groups", []))
        # The vendor has all of it when merging it in changes nothing.
        same = spelled_plainly(merged(found, contact)[0]) == spelled_plainly(merged(found, {})[0])
        return joined and same and self._has_subscriptions(int(found["id"]), body.get("subscriptions", []))

    def _has_subscriptions(self, contact_id: int, wanted: list[str]) -> bool:
        if not wanted:
            return True
        shown = read(self._options.answers.subscriptions, self._client.read_subscriptions(contact_id))
        return isinstance(shown, list) and all(name in shown for name in wanted)


def _in_window(lost: UnconfirmedWrite, now: float) -> bool:
    """Whether a repeat meets the vendor's minute; only the first repeat can know when that minute began."""
    return lost.count == 1 and now - lost.sent_at < REPEAT_WINDOW_SECONDS - LONGEST_DELIVERY_SECONDS


def may_mean_another(said: str, request: DeliveryRequest, record: PersonRecord) -> bool:
    """Whether a 409 may mean another sign-up of this person that the vendor took, or may have taken, in the minute."""
    others = [each.sent_at for each in record.all_unconfirmed(SUBSCRIBE) if each.digest not in (said, record.content)]
    others += [record.memory.said_at] if record.memory.said_at is not None else []
    return any(request.now - at < REPEAT_WINDOW_SECONDS + LONGEST_DELIVERY_SECONDS for at in others)
