"""Pulse, when an answer is lost: the connection is dropped before and after the commit of every call."""

from __future__ import annotations

import pytest

from local.twins.pulse.twin import FORM_UUID, PulseTwin
from shared.errors import OutcomeUnknown, TryLater, Unavailable, VendorError
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import NOW, action, task

ANN = "ann@example.com"
LAG = 30.0


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
@pytest.mark.parametrize(("method", "error"), [("GET", Unavailable), ("POST", OutcomeUnknown)])
def test_a_lost_answer_to_a_first_sign_up_ends_as_one_contact(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, fault: str, method: str, error: type[VendorError]
) -> None:
    pulse.fail(fault, method=method)
    with pytest.raises(error):
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG), memory)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + LAG), memory)
    assert [contact["firstName"] for contact in pulse.contacts()] == ["Ann"]
    assert memory.unconfirmed == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_a_lost_answer_to_an_update_is_simply_repeated(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, fault: str
) -> None:
    pulse.seed({"source": 1, "emails": [{"emailAddress": ANN}], "phones": [{"phone": "2025550143"}]})
    pulse.fail(fault, method="PUT")
    sign_up = task(email=ANN, first_name="Ann", phone="+12025550199", channels=["email"])
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(sign_up, memory)
    upsert.deliver(sign_up, memory)
    [contact] = pulse.contacts()
    assert contact["firstName"] == "Ann"
    assert len(contact["emails"]) == 1
    assert [phone["phone"] for phone in contact["phones"]] == ["2025550143", "2025550199"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_to_a_create_may_hide_a_contact_so_it_is_looked_for_first(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, status: int
) -> None:
    pulse.fail("status", method="POST", status=status)
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(email=ANN, search_lag=LAG), memory)
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + 10), memory)
    assert caught.value.retry_after == LAG - 10
    upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + LAG), memory)
    assert len(pulse.contacts()) == 1


def test_a_lost_create_that_the_search_hides_is_looked_for_again_before_another_create(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    pulse.options.change({"search_lag": 60.0})
    pulse.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(email=ANN, search_lag=LAG), memory)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + 1), memory)
    pulse.options.change({"search_lag": 0.0})
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + 2), memory)
    assert [contact["firstName"] for contact in pulse.contacts()] == ["Ann"]


@pytest.mark.parametrize(("fault", "actions"), [("drop_before", 1), ("drop_after", 2)])
def test_a_lost_form_submission_is_repeated_and_its_actions_may_be(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord, fault: str, actions: int
) -> None:
    submit = action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID)
    pulse.fail(fault)
    with pytest.raises(OutcomeUnknown):
        submit.deliver(task(email=ANN), memory)
    submit.deliver(task(email=ANN), memory)
    assert len(pulse.contacts()) == 1
    assert len(pulse.events_of("form_action")) == actions


def test_an_outage_leaves_no_doubt_behind(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    pulse.stop()
    with pytest.raises(Unavailable):
        upsert.deliver(task(email=ANN), memory)
    assert memory.unconfirmed == []
