"""Pulse, when an answer is lost: the connection is dropped before and after the commit of every call."""

from __future__ import annotations

import pytest

from local.twins.pulse.twin import FORM_UUID, PulseTwin
from shared.errors import OutcomeUnknown
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import action, task

ANN = "ann@example.com"


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


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
