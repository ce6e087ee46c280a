"""eSputnik / Yespo: subscribe a form's contact, which launches the vendor's workflow event.

Sources: [seed] "API Methods for Adding Contacts"; [SUB] docs.esputnik.com/reference/subscribecontact-1;
[SHOP] the vendor's own connector Yespo-CDP/yespo-shopify. What none of them says is marked "assumed".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from pydantic import StringConstraints

from shared.conditions import names_of
from shared.errors import Ambiguous, Conflict, OutcomeUnknown, RepeatSoon, TryLater
from shared.vendors.esputnik.client import VENDOR, ESputnikClient
from shared.vendors.esputnik.contact import contact_body, merged, send_contact, spelled_plainly, without_postcode
from shared.vendors.esputnik.options import REPEAT_WINDOW_SECONDS, ESputnikOptions, Segment, within_the_minute
from shared.vendors.esputnik.search import ContactFinder
from shared.vendors.flows import digest, sent_once
from shared.vendors.payload import Row, as_row, drop_empty, rows
from shared.vendors.protocol import Attempt, Memory, Receipt, Task

MAX_SENDS = 3
"""How often a request without an answer is sent: each may send a confirmation mail."""

LONGEST_DELIVERY_SECONDS = 20
"""How long after its begin a delivery's request may reach the vendor: the minute begins that late at most."""

FormType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
"""The vendor forbids quotes, brackets and punctuation [SUB]; letters, digits, hyphen and underscore are safe."""


class SubscribeOptions(ESputnikOptions):
    """`action = "subscribe"`."""

    form_type: FormType | None = None
    subscriptions: tuple[Segment, ...] = ()

    def needs_consent(self) -> bool:
        """A subscription is consent to its messages; one with a condition may wait for it."""
        return any(entry.when is None for entry in self.subscriptions)


SUBSCRIBE = "subscribe"


class ESputnikSubscribe:
    """`contact/subscribe`: an atomic upsert of an unconfirmed contact that fires an event on every call [seed]."""

    def __init__(self, options: SubscribeOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Subscribe; after a lost answer repeat within the minute, or look whether it got through."""
        contact, bad = contact_body(task, self._options.sent_channels(task.contact))
        left_out = list(bad)
        request = self._request(contact)
        # By what was said, not by which sign-up: one sent again after a crash is the same request to the vendor.
        said = digest(json.dumps(request, sort_keys=True))
        lost = memory.attempted(SUBSCRIBE, said)
        in_window = lost is not None and _in_window(lost, task.now)
        if lost is not None and not in_window:
            self._look_before_a_repeat(request, lost, task)
        self._send(
            lambda: send_contact(contact, lambda part: self._client.subscribe(self._request(part)), left_out),
            said,
            memory,
            repeat_is_known=in_window and not _may_mean_another(said, task, memory),
        )
        memory.details = {"at": task.now}
        return Receipt(tuple(left_out))

    def _request(self, contact: Row) -> Row:
        options = self._options
        return drop_empty(
            {
                "contact": contact,
                "groups": names_of(options.groups),
                "subscriptions": names_of(options.subscriptions),
                "formType": options.form_type,
            }
        )

    def _send(self, subscribe: Callable[[], int | None], key: str, memory: Memory, *, repeat_is_known: bool) -> None:
        before = memory.attempted(SUBSCRIBE, key)
        try:
            contact_id = sent_once(memory, SUBSCRIBE, key, subscribe)
        except Conflict:
            if not repeat_is_known:
                # It may be an earlier request of this person, with other data: wait until its minute is over.
                raise within_the_minute("subscribe contact") from None
            # The first try of this very request got through [SHOP]; the answer names no id.
            memory.settle(SUBSCRIBE, key)
        except OutcomeUnknown as error:
            if error.status == 503 and before is not None:
                # Most likely not taken (assumed): an outage that answers must not use up the few repeats.
                memory.put_back(SUBSCRIBE, key, before)
            if error.retry_after is not None:
                raise
            raise error.restated(RepeatSoon) from None
        else:
            memory.contact_id = str(contact_id) if contact_id else memory.contact_id

    def _look_before_a_repeat(self, request: Row, lost: Attempt, task: Task) -> None:
        """Wait until the lost call is over; after a few repeats stop if the vendor has all that was sent.

        That the vendor has it proves nothing, since another form or the CRM may have written it. So the request is
        sent again: a second confirmation mail costs less than none.

        Raises:
            TryLater: the vendor may still work on the lost call.
            Ambiguous: the last of the repeats may have got through, or none.
        """
        if task.now < lost.over + task.search_lag:
            raise TryLater(VENDOR, "search contacts", retry_after=lost.over + task.search_lag - task.now)
        if lost.count >= MAX_SENDS and self._vendor_has(request):
            raise Ambiguous(VENDOR, "subscribe contact", detail=f"no answer to {lost.count} requests")

    def _vendor_has(self, request: Row) -> bool:
        """Whether the vendor holds all that was said; nothing that it does not show speaks against it."""
        contact = {**(without_postcode(request["contact"]) or request["contact"])}
        channel, *_ = contact.pop("channels")  # those of an existing contact are not written [SUB]
        found = ContactFinder(self._client, channel, contact).find()
        if found is None:
            return False
        groups = {row.get("name") for row in rows(found.get("groups"))}
        joined = "groups" not in found or groups.issuperset(request.get("groups", []))
        # The vendor has all of it when merging it in changes nothing.
        same = spelled_plainly(merged(found, contact)[0]) == spelled_plainly(merged(found, {})[0])
        return joined and same and self._has_subscriptions(int(found["id"]), request.get("subscriptions", []))

    def _has_subscriptions(self, contact_id: int, wanted: list[str]) -> bool:
        if not wanted:
            return True
        shown = self._client.read_subscriptions(contact_id)
        return all(name in shown or any(as_row(each).get("name") == name for each in shown) for name in wanted)


def _in_window(lost: Attempt, now: float) -> bool:
    """Whether a repeat meets the vendor's minute; only the first repeat can know when that minute began."""
    return lost.count == 1 and now - lost.at < REPEAT_WINDOW_SECONDS - LONGEST_DELIVERY_SECONDS


def _may_mean_another(said: str, task: Task, memory: Memory) -> bool:
    """Whether a 409 may mean another sign-up of this person that the vendor took, or may have taken, in the minute."""
    others = [each.at for other, each in memory.lost(SUBSCRIBE).items() if other != said]
    others += [memory.details["at"]] if "at" in memory.details else []
    return any(task.now - at < REPEAT_WINDOW_SECONDS + LONGEST_DELIVERY_SECONDS for at in others)
