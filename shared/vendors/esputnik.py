"""eSputnik / Yespo: subscribe a form's contact, which launches the vendor's workflow event.

Sources: [seed] "API Methods for Adding Contacts"; [SUB] docs.esputnik.com/reference/subscribecontact-1;
[START] docs.esputnik.com/reference/getting-started-with-your-api; [CONTACT] yespo.io/api/el_ns0_contactUpdate.html;
[SHOP], [WOO] the vendor's own connectors Yespo-CDP/yespo-shopify and yespo-woocommerce. What none of them says is marked "assumed".
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.contact import Contact
from shared.deadline import Deadline
from shared.errors import Conflict, OutcomeUnknown, RepeatSoon, TryLater
from shared.http import Effect, VendorHttp
from shared.submission import digest
from shared.vendors.client import VendorClient
from shared.vendors.connection import Connection, Credential
from shared.vendors.exact import digits, present, rows, same_email
from shared.vendors.flows import sent_once
from shared.vendors.protocol import ActionSpec, Identity, Memory, Options, Receipt, Requirement, Task

VENDOR = "esputnik"
Row = dict[str, Any]

REPEAT_WINDOW_SECONDS = 60
"""The same request within a minute is answered 409 [SUB]."""


class ESputnikConnection(Connection):
    """Secret of an eSputnik connection. `base_url`: `https://esputnik.com/api` [START] or `https://yespo.io/api` [SHOP]."""

    api_key: Credential
    username: Credential = "signup-relay"
    """Any user name will do [START]."""


class ESputnikClient(VendorClient):
    """Every documented call that finds, writes, deletes or groups a contact."""

    vendor = VENDOR

    def __init__(self, http: VendorHttp, connection: ESputnikConnection, deadline: Deadline) -> None:
        token = b64encode(f"{connection.username}:{connection.api_key}".encode()).decode()
        # Both hosts serve the same paths; a base that already ends in the version is accepted too.
        base = re.sub(r"/v1$", "", connection.base_url)
        super().__init__(http, base, {"Authorization": f"Basic {token}"}, deadline)

    def subscribe(self, request: Row) -> int | None:
        """Add or update one unconfirmed contact and launch its event [seed][SUB]. Returns the contact's id."""
        body = self.request("subscribe contact", "POST", "/v1/contact/subscribe", body=request).body
        return body.get("id") if isinstance(body, dict) else None

    def search_contacts(
        self, *, email: str | None = None, sms: str | None = None, start: int = 1, size: int = 100
    ) -> list[Row]:
        """Search; not exact [OSSB], so compare each hit. `start` counts from 1."""
        query = [("startindex", str(start)), ("maxrows", str(size))]
        query += [("email", email)] if email else []
        query += [("sms", sms)] if sms else []
        return rows(
            self.request("search contacts", "GET", "/v1/contacts", effect=Effect.READ, query=query).body,
            "contacts",
        )

    def account_info(self) -> Row:
        """Read the account; the vendor's own connector checks its key with it [SHOP]."""
        body = self.request("account info", "GET", "/v1/account/info", effect=Effect.READ).body
        return body if isinstance(body, dict) else {}


FormType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
"""The vendor forbids quotes, brackets and punctuation [SUB]; letters, digits, hyphen and underscore are safe."""

SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ESputnikOptions(Options):
    """What both actions share. Groups come from configuration only: an unknown name makes a new segment [SUB]."""

    groups: tuple[SegmentName, ...] = ()
    channels: Annotated[tuple[Literal["email", "phone"], ...], Field(min_length=1)] | None = None
    """Default: the e-mail alone, the phone only without an e-mail: a shared phone would match another person."""

    def requires(self) -> tuple[Requirement, ...]:
        """An e-mail address or a phone, whichever channels are configured."""
        return (frozenset(self.channels or ("email", "phone")),)

    def identity(self, contact: Contact) -> Identity:
        """The first channel that will be sent."""
        for kind in self.channels or ("email", "phone"):
            value = getattr(contact, kind)
            if value:
                return {kind: value}
        return {}

    def sent_channels(self, contact: Contact) -> list[Row]:
        """The `channels` of the vendor's contact: e-mail as it is, phone as digits with country code [seed][WOO]."""
        kinds: tuple[str, ...] = self.channels or tuple(self.identity(contact))
        values = (("email", contact.email), ("sms", digits(contact.phone)))
        wanted = {"email": "email", "phone": "sms"}
        return [
            {"type": kind, "value": value}
            for kind, value in values
            if value and kind in {wanted[name] for name in kinds}
        ]


class SubscribeOptions(ESputnikOptions):
    """`action = "subscribe"`."""

    form_type: FormType | None = None
    subscriptions: tuple[SegmentName, ...] = ()


_NAME = re.compile(r"[^~!@#$%^&*()_=+\[{\]}\\|;:,<>/?\"]{2,40}")


def _is_name(text: str) -> bool:
    """Whether the vendor's own check accepts a name [WOO]: length, no symbols, few digits, no hyphen at an end."""
    number = len(digits(text))
    return bool(
        _NAME.fullmatch(text) and number <= 3 and number < len(text) and text[0] not in "-'" and text[-1] not in "-'"
    )


def contact_body(task: Task, channels: list[Row]) -> tuple[Row, tuple[str, ...]]:
    """Return the vendor's contact object [CONTACT] and what was left out: a bad name is omitted, never blanked."""
    contact = task.contact
    names = {"firstName": contact.first_name, "lastName": contact.last_name}
    bad = tuple(name for name, text in names.items() if text and not _is_name(text))
    street = ", ".join(filter(None, (contact.address_line1, contact.address_line2)))
    body = present(
        {
            "channels": channels,
            **{name: text for name, text in names.items() if name not in bad},
            "address": present(
                {
                    "region": contact.state,
                    "town": contact.city,
                    "address": street,
                    "postcode": contact.postal_code,
                }
            ),
            "fields": [{"id": key, "value": _text(value)} for key, value in sorted(task.custom.items())],
            "languageCode": contact.language,
            "timeZone": contact.time_zone,
        }
    )
    return body, bad


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class ESputnikSubscribe:
    """`contact/subscribe`: an atomic upsert of an unconfirmed contact that fires an event on every call [seed]."""

    def __init__(self, options: SubscribeOptions, client: ESputnikClient) -> None:
        self._options = options
        self._client = client

    def deliver(self, task: Task, memory: Memory) -> Receipt:
        """Subscribe; after a lost answer repeat within the minute, or look whether it got through."""
        contact, left_out = contact_body(task, self._options.sent_channels(task.contact))
        request = present(
            {
                "contact": contact,
                "groups": list(self._options.groups),
                "subscriptions": list(self._options.subscriptions),
                "formType": self._options.form_type,
            }
        )
        body_digest = digest(json.dumps(request, sort_keys=True))
        lost = memory.attempted("subscribe", body_digest)
        window_open = lost is not None and task.now - lost.at < REPEAT_WINDOW_SECONDS
        if lost is not None and not window_open and self._got_through(contact, memory):
            memory.settle("subscribe", body_digest)
            return Receipt(left_out)
        try:
            contact_id = sent_once(memory, "subscribe", body_digest, lambda: self._client.subscribe(request))
        except Conflict:
            if not window_open:
                # An earlier request of this person, with other data: wait until its minute is over.
                raise TryLater(
                    VENDOR,
                    "subscribe contact",
                    retry_after=REPEAT_WINDOW_SECONDS + 1,
                    detail="another request of this person within the minute",
                ) from None
            # The first try of this very request got through [SHOP].
            memory.settle("subscribe", body_digest)
            contact_id = None
        except OutcomeUnknown as error:
            raise RepeatSoon(VENDOR, error.operation, status=error.status, detail=error.detail) from None
        memory.contact_id = str(contact_id) if contact_id else memory.contact_id
        return Receipt(left_out)

    def _got_through(self, contact: Row, memory: Memory) -> bool:
        """Whether the contact stands there as we sent it; one that we knew before proves nothing by standing there."""
        channel = contact["channels"][0]
        by = {"email": channel["value"]} if channel["type"] == "email" else {"sms": channel["value"]}
        hits = [hit for hit in self._client.search_contacts(**by) if _has_channel(hit, channel)]
        said = {name: contact[name] for name in ("firstName", "lastName") if name in contact}
        alike = any(all(hit.get(name) == text for name, text in said.items()) for hit in hits)
        return alike and (memory.contact_id is None or bool(said))


def _has_channel(hit: Row, channel: Row) -> bool:
    return any(
        row.get("type") == channel["type"]
        and (
            same_email(row.get("value"), channel["value"])
            if channel["type"] == "email"
            else digits(row.get("value")) == channel["value"]
        )
        for row in rows(hit.get("channels") or [])
    )


def _subscribe(
    options: SubscribeOptions, connection: ESputnikConnection, http: VendorHttp, deadline: Deadline
) -> ESputnikSubscribe:
    return ESputnikSubscribe(options, ESputnikClient(http, connection, deadline))


ACTIONS = (ActionSpec(VENDOR, "subscribe", SubscribeOptions, ESputnikConnection, _subscribe, custom_field=int),)
