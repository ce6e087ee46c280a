"""What both actions of eSputnik share: their options, and the vendor's minute.

Sources: [seed] "API Methods for Adding Contacts"; [SUB] docs.esputnik.com/reference/subscribecontact-1;
[CONTACT] yespo.io/api/el_ns0_contactUpdate.html; [WOO] the vendor's own connector Yespo-CDP/yespo-woocommerce.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from shared.conditions import ConditionalName
from shared.contact import Contact
from shared.errors import TryLater
from shared.vendors.esputnik.client import REPEATED_WORDS, VENDOR
from shared.vendors.matching import digits
from shared.vendors.payload import Row
from shared.vendors.protocol import Identity, Options, Requirement

ChannelName = Annotated[Literal["email", "phone"], BeforeValidator(lambda name: "phone" if name == "sms" else name)]
"""`sms` is the vendor's own word for a phone's channel [CONTACT]; both will do."""

SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Segment(ConditionalName):
    """A segment or a subscription, for every sign-up or for those that match `when`."""

    name: SegmentName = ""


SENT = frozenset(
    {"email", "phone", "first_name", "last_name", "state", "city", "address_line1", "address_line2", "postal_code"}
    | {"language", "time_zone"}
)
"""The attributes that a contact has a member for [CONTACT]."""


class ESputnikOptions(Options):
    """What both actions share. Groups come from configuration only: an unknown name makes a new segment [SUB]."""

    groups: tuple[Segment, ...] = ()
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1)] | None = None
    """Default: the e-mail alone, the phone only without an e-mail: a shared phone would match another person."""
    repeated_words: Annotated[tuple[SegmentName, ...], Field(min_length=1)] = REPEATED_WORDS
    """Words by which a refusal says that the same request was sent within the minute [SHOP]; that this is the 409 of
    the reference is assumed."""

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

    def sends(self) -> frozenset[str]:
        """All that a contact has a member for."""
        return SENT

    def withheld(self, required: frozenset[str], region: str | None) -> Mapping[str, str]:
        """The channels that are not configured; by default the phone, where there is an e-mail address."""
        sent = self.channels or (("email",) if "email" in required else ("email", "phone"))
        both = 'options.channels = ["email", "phone"]; a shared phone may then match another person'
        return dict.fromkeys({"email", "phone"}.difference(sent), both)

    def target_field(self, name: str) -> str:
        """As it is named, but for the second line of an address: both are one member [CONTACT]."""
        return "address_line1" if name == "address_line2" else name

    def sent_channels(self, contact: Contact) -> list[Row]:
        """The `channels` of the vendor's contact, what identifies it first; a phone as digits with country code."""
        kinds: tuple[str, ...] = self.channels or tuple(self.identity(contact))
        values = {"email": ("email", contact.email), "phone": ("sms", digits(contact.phone))}  # [seed][WOO]
        return [{"type": kind, "value": value} for kind, value in map(values.__getitem__, kinds) if value]


REPEAT_WINDOW_SECONDS = 60
"""The same request within a minute is answered 409 [SUB]; how sameness is computed is not documented."""


def within_the_minute(operation: str) -> TryLater:
    """Return the wait until that minute is over: another request of this person, or this one, was taken in it."""
    return TryLater(
        VENDOR,
        operation,
        retry_after=REPEAT_WINDOW_SECONDS + 1,
        detail="another request of this person within the minute",
    )
