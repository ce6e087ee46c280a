"""Pulse `submit_form`, against its twin."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from local.twins.pulse.twin import FORM_UUID, PulseTwin
from shared.delivery.outcome import Parked
from shared.delivery.outcome_for import outcome_for
from shared.errors import Ambiguous, NotFound, OutcomeUnknown, RateLimited, Unavailable
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from shared.vendors.pulse.options import SubmitFormOptions
from shared.vendors.pulse.submit_form import MAX_SUBMITS
from tests.support.vendor_fakes import ALL_CHANNELS, FULL, action, http_answering, task

ANN = "ann@example.com"
SECRET = {"base_url": "https://api.pulse.example", "account_id": "account", "api_token": "token"}


@pytest.fixture
def submit(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID)


def body(pulse: PulseTwin) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(pulse.requests[-1].body)
    return sent


def test_a_form_is_submitted_to_its_uuid_in_one_call(pulse: PulseTwin, submit: Action, memory: PersonRecord) -> None:
    submit.deliver(task(email=ANN, first_name="Ann"), memory)
    assert [(entry.method, entry.path) for entry in pulse.requests] == [("POST", f"/forms/{FORM_UUID}/submit")]
    assert pulse.contacts()[0]["firstName"] == "Ann"


def test_the_flat_dialect_is_spoken_not_that_of_contacts(
    pulse: PulseTwin, submit: Action, memory: PersonRecord
) -> None:
    submit.deliver(task(channels=ALL_CHANNELS, person=FULL, custom={"size": 5}), memory)
    sent = body(pulse)
    assert not {"emails", "phones", "locations", "isSubscribed", "isPhoneSubscribed", "isSmsSubscribed"} & sent.keys()
    assert sent["emailIsSubscribed"] is sent["phoneIsCallSubscribed"] is sent["phoneIsSmsSubscribed"] is True
    assert sent["customFields"] == {"size": 5}


def test_the_source_is_the_forms_own_and_never_sent(pulse: PulseTwin, submit: Action, memory: PersonRecord) -> None:
    submit.deliver(task(email=ANN), memory)
    assert "source" not in body(pulse)


def test_without_consent_no_flag_is_submitted(pulse: PulseTwin, submit: Action, memory: PersonRecord) -> None:
    submit.deliver(task(email=ANN, phone="+12025550143"), memory)
    assert body(pulse) == {"emailAddress": ANN, "phone": "2025550143"}


def test_a_phone_consent_without_a_phone_is_not_submitted(
    pulse: PulseTwin, submit: Action, memory: PersonRecord
) -> None:
    submit.deliver(task(email=ANN, channels=["sms", "call"]), memory)
    assert body(pulse) == {"emailAddress": ANN}


def test_parts_that_pulse_would_refuse_are_left_out_of_the_form(submit: Action, memory: PersonRecord) -> None:
    result = submit.deliver(task(email=ANN, phone="+353871234567", npi="1", city="X"), memory)
    assert set(result.left_out) == {"phone", "npi", "city"}


def test_is_test_marks_the_submission(pulse: PulseTwin, http: VendorHttp, memory: PersonRecord) -> None:
    submit = action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID, is_test=True)
    submit.deliver(task(email=ANN), memory)
    assert body(pulse)["isTest"] is True


def test_a_wrong_form_uuid_is_a_configuration_error(pulse: PulseTwin, http: VendorHttp, memory: PersonRecord) -> None:
    submit = action("pulse", "submit_form", pulse.connection(), http, form_uuid="00000000-0000")
    with pytest.raises(NotFound) as caught:
        submit.deliver(task(email=ANN), memory)
    assert outcome_for(caught.value) == Parked("misconfigured")


def test_a_form_uuid_cannot_lead_to_another_path() -> None:
    for uuid in ("../contacts", "a/b/c/d/e", ""):
        with pytest.raises(ValueError, match="form_uuid"):
            SubmitFormOptions(form_uuid=uuid)


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, text="thanks"), httpx.Response(202)])
def test_any_2xx_is_an_accepted_form_even_if_not_json(answer: httpx.Response, memory: PersonRecord) -> None:
    http = http_answering(lambda _: answer)
    action("pulse", "submit_form", SECRET, http, form_uuid=FORM_UUID).deliver(task(email=ANN), memory)
    assert memory.all_unconfirmed("submit") == []


def test_a_lost_submission_is_repeated_a_few_times_only(pulse: PulseTwin, submit: Action, memory: PersonRecord) -> None:
    pulse.fail("drop_after", count=None)
    for _ in range(MAX_SUBMITS):
        with pytest.raises(OutcomeUnknown):
            submit.deliver(task(email=ANN), memory)
    with pytest.raises(Ambiguous):
        submit.deliver(task(email=ANN), memory)
    assert len(pulse.events_of("form_action")) == MAX_SUBMITS
    assert len(pulse.contacts()) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_gateway_that_lost_patience_may_hide_a_submission_so_it_is_no_outage(
    pulse: PulseTwin, submit: Action, memory: PersonRecord, status: int
) -> None:
    """Given a gateway that answers 5xx after every commit, the form's actions run three times at most."""
    pulse.fail("status_after", status=status, count=None)
    for _ in range(MAX_SUBMITS):
        with pytest.raises(OutcomeUnknown):
            submit.deliver(task(email=ANN), memory)
    with pytest.raises(Ambiguous):
        submit.deliver(task(email=ANN), memory)
    assert len(pulse.events_of("form_action")) == MAX_SUBMITS


def test_an_outage_that_answers_is_outlasted(pulse: PulseTwin, submit: Action, memory: PersonRecord) -> None:
    pulse.fail("status", status=503, count=3 * MAX_SUBMITS)
    for _ in range(3 * MAX_SUBMITS):
        with pytest.raises(Unavailable):
            submit.deliver(task(email=ANN), memory)
    submit.deliver(task(email=ANN), memory)
    assert len(pulse.events_of("form_action")) == 1


def test_the_last_repeat_of_a_lost_submission_waits_for_an_hour(
    pulse: PulseTwin, submit: Action, memory: PersonRecord
) -> None:
    pulse.fail("drop_before", count=None)
    waits = []
    for _ in range(MAX_SUBMITS):
        with pytest.raises(OutcomeUnknown) as lost:
            submit.deliver(task(email=ANN), memory)
        waits.append(lost.value.retry_after)
    assert waits == [None, 3600, None]


def test_a_submission_that_never_arrived_does_not_count_as_lost(
    pulse: PulseTwin, submit: Action, memory: PersonRecord
) -> None:
    for _ in range(MAX_SUBMITS + 1):
        pulse.fail("status", status=429, retry_after=7)
        with pytest.raises(RateLimited) as caught:
            submit.deliver(task(email=ANN), memory)
        assert caught.value.retry_after == 7
    submit.deliver(task(email=ANN), memory)
    assert len(pulse.events_of("form_action")) == 1
