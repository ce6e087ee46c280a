"""Whautomate, when an answer is lost: the connection is dropped before and after the commit of every call."""

from __future__ import annotations

import pytest

from local.twins.whautomate.twin import LOCATION_ID, WhautomateTwin
from shared.errors import OutcomeUnknown, RateLimited, TryLater, Unavailable, VendorError
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import NOW, action, task

PHONE = "+15165550143"
LAG = 30.0
DROPS = ["drop_before", "drop_after", "close_mid_body"]


@pytest.fixture
def upsert(whautomate: WhautomateTwin, http: VendorHttp) -> Action:
    return action("whautomate", "upsert", whautomate.connection(), http, location_id=LOCATION_ID, tags=["Newsletter"])


def seed(whautomate: WhautomateTwin) -> None:
    whautomate.seed({"name": "Ann", "phoneNumber": PHONE, "location": {"id": LOCATION_ID}, "notes": "Called twice"})


@pytest.mark.parametrize("fault", DROPS)
def test_a_lost_answer_to_a_search_is_simply_asked_again(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, fault: str
) -> None:
    whautomate.fail(fault, method="GET")
    with pytest.raises(Unavailable):
        upsert.deliver(task(phone=PHONE), memory)
    upsert.deliver(task(phone=PHONE), memory)
    assert len(whautomate.contacts()) == 1


@pytest.mark.parametrize("fault", DROPS)
def test_a_lost_create_is_looked_for_before_any_repeat(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, fault: str
) -> None:
    whautomate.fail(fault, method="POST")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(phone=PHONE, search_lag=LAG), memory)
    upsert.deliver(task(phone=PHONE, search_lag=LAG, now=NOW + LAG), memory)
    assert len(whautomate.contacts()) == 1
    assert len(whautomate.events_of("contact_created")) == len(whautomate.events_of("contact_tag_added")) == 1
    assert memory.unconfirmed == []


def test_a_lost_create_that_the_search_hides_is_not_repeated_yet(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord
) -> None:
    whautomate.options.change({"search_lag": 60.0})
    whautomate.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(phone=PHONE, search_lag=LAG), memory)
    with pytest.raises(TryLater):
        upsert.deliver(task(phone=PHONE, search_lag=LAG, now=NOW + 1), memory)
    assert len(whautomate.contacts()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_to_a_create_is_an_unknown_outcome_too(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, status: int
) -> None:
    whautomate.fail("status", method="POST", status=status)
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(phone=PHONE, search_lag=LAG), memory)
    assert memory.find_unconfirmed("create") is not None


@pytest.mark.parametrize("fault", DROPS)
@pytest.mark.parametrize(("skip", "error"), [(0, Unavailable), (1, OutcomeUnknown)])
def test_a_lost_answer_to_reading_or_writing_a_known_contact_is_simply_repeated(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, fault: str, skip: int, error: type[VendorError]
) -> None:
    seed(whautomate)
    whautomate.fail(fault, path="/v1/contacts/", skip=skip)
    sign_up = task(phone=PHONE, first_name="Ann", last_name="Lee")
    with pytest.raises(error):
        upsert.deliver(sign_up, memory)
    upsert.deliver(sign_up, memory)
    [contact] = whautomate.contacts()
    assert (contact["name"], contact["notes"], contact["tags"]) == ("Ann Lee", "Called twice", ["Newsletter"])


@pytest.mark.parametrize("fault", DROPS)
def test_tags_whose_answer_was_lost_are_looked_for_before_they_are_sent_again(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord, fault: str
) -> None:
    seed(whautomate)
    whautomate.fail(fault, path="tags/add")
    upsert.deliver(task(phone=PHONE), memory)
    upsert.deliver(task(phone=PHONE), memory)
    [contact] = whautomate.contacts()
    assert contact["tags"] == ["Newsletter"]
    assert len(whautomate.events_of("contact_tag_added")) == 1


def test_a_name_that_was_written_counts_as_written_although_the_tags_failed(
    whautomate: WhautomateTwin, upsert: Action, memory: PersonRecord
) -> None:
    # Given a known contact, and a vendor that takes no more calls when tags are added
    seed(whautomate)
    whautomate.fail("status", path="tags/add", status=429)

    # When a sign-up brings a new name
    with pytest.raises(RateLimited):
        upsert.deliver(task(phone=PHONE, first_name="Ann", last_name="Lee"), memory)

    # Then an older sign-up can see that it must not undo it
    assert memory.confirmed
