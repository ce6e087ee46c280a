"""What a new form asks for is read off the vendor's options, whatever the vendor is called."""

from __future__ import annotations

from dataclasses import replace

from cli.new.interview import channel_of, needed_fields
from shared.contact import Channel
from shared.vendors.protocol import Options, Requirement
from shared.vendors.registry import ACTIONS


class ByPhone(Options):
    """Options of a vendor that knows people by their number."""

    office: int

    def requires(self) -> tuple[Requirement, ...]:
        return (frozenset({"phone"}),)

    def carried_consents(self) -> frozenset[Channel]:
        return frozenset({"sms"})


def test_a_form_for_a_vendor_that_knows_people_by_phone_asks_for_it() -> None:
    spec = replace(ACTIONS["pulse", "upsert"], vendor="postcard", options=ByPhone)

    assert needed_fields(spec) == {"phone"}


def test_an_email_address_is_asked_for_in_any_case() -> None:
    assert needed_fields(ACTIONS["esputnik", "upsert"]) == set()


def test_people_are_asked_to_agree_to_the_channel_that_the_vendor_is_for() -> None:
    spec = replace(ACTIONS["pulse", "upsert"], vendor="postcard", options=ByPhone)

    assert channel_of(spec) == "sms"
    assert channel_of(ACTIONS["whautomate", "upsert"]) == "whatsapp"
    assert channel_of(ACTIONS["which50", "upsert"]) == "email"
