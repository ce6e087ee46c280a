"""Which50, when an answer is lost: its data may be sent again, its custom events may not."""

from __future__ import annotations

import pytest

from local.twins.which50.twin import Which50Twin
from shared.errors import OutcomeUnknown, RateLimited, Refused
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.which50.client import Which50Client, Which50Connection
from shared.vendors.which50.list_fields import ListFields
from shared.vendors.which50.options import UpsertOptions
from shared.vendors.which50.upsert import Which50Upsert
from tests.support.vendor_fakes import soon, task

ANN = "ann@example.com"
FIELDS = {"email": "Email", "first_name": "FirstName"}


def upsert(which50: Which50Twin, http: VendorHttp, *events: str) -> Which50Upsert:
    options = UpsertOptions.model_validate({"contact_list_id": 3, "fields": FIELDS, "custom_events": events})
    client = Which50Client(http, Which50Connection.of_secret("which50", which50.connection()), soon())
    return Which50Upsert(options, client, ListFields())


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_custom_events_are_left_off_a_repeat(
    which50: Which50Twin, http: VendorHttp, memory: PersonRecord, fault: str
) -> None:
    action = upsert(which50, http, "Welcome")
    which50.fail(fault, method="POST")
    with pytest.raises(OutcomeUnknown):
        action.deliver(task(email=ANN), memory)
    result = action.deliver(task(email=ANN), memory)
    assert result.left_out == ("custom_events",)
    assert len(which50.contacts()) == 1
    assert len(which50.events_of("Welcome")) == (0 if fault == "drop_before" else 1)
    assert memory.unconfirmed == []


def test_a_500_may_hide_events_that_ran(which50: Which50Twin, http: VendorHttp, memory: PersonRecord) -> None:
    which50.fail("status", method="POST", status=500)
    with pytest.raises(OutcomeUnknown):
        upsert(which50, http, "Welcome").deliver(task(email=ANN), memory)
    upsert(which50, http, "Welcome").deliver(task(email=ANN), memory)
    assert not which50.events_of("Welcome")


def test_events_stay_off_however_often_the_repeat_fails_too(
    which50: Which50Twin, http: VendorHttp, memory: PersonRecord
) -> None:
    action = upsert(which50, http, "Welcome")
    which50.fail("drop_after", method="POST", count=3)
    with pytest.raises(OutcomeUnknown):
        action.deliver(task(email=ANN), memory)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            action.deliver(task(email=ANN), memory)
    action.deliver(task(email=ANN), memory)
    assert len(which50.events_of("Welcome")) == 1


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (417, Refused)])
def test_events_of_a_write_that_was_surely_refused_go_with_the_next(
    which50: Which50Twin, http: VendorHttp, memory: PersonRecord, status: int, error: type[Exception]
) -> None:
    action = upsert(which50, http, "Welcome", "Score")
    which50.fail("status", method="POST", status=status)
    with pytest.raises(error):
        action.deliver(task(email=ANN), memory)
    assert action.deliver(task(email=ANN), memory).left_out == ()
    assert which50.requests[-1].query["customevents"] == ["Welcome,Score"]
    assert len(which50.events_of("Welcome")) == len(which50.events_of("Score")) == 1


def test_another_sign_up_of_the_same_person_runs_its_events(
    which50: Which50Twin, http: VendorHttp, memory: PersonRecord
) -> None:
    action = upsert(which50, http, "Welcome")
    which50.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        action.deliver(task(email=ANN, submission_id="first"), memory)
    action.deliver(task(email=ANN, submission_id="second"), memory)
    action.deliver(task(email=ANN, submission_id="first"), memory)
    assert len(which50.events_of("Welcome")) == 2


def test_no_events_run_unless_configured(which50: Which50Twin, http: VendorHttp, memory: PersonRecord) -> None:
    upsert(which50, http).deliver(task(email=ANN), memory)
    assert "customevents" not in which50.requests[-1].query
    assert not which50.events
