"""Pulse, when an answer is lost: the connection is dropped before and after the commit of every call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.twins.pulse import FORM_UUID, PulseTwin
from shared.errors import OutcomeUnknown, TryLater, Unavailable, VendorError
from shared.http import VendorHttp
from shared.vendors.protocol import Action
from tests.contract.vendors.fakes import NOW, FakeMemory, action, task

ANN = "ann@example.com"
LAG = 30.0


@pytest.fixture
def twin() -> Iterator[PulseTwin]:
    with PulseTwin() as pulse:
        yield pulse


@pytest.fixture
def upsert(twin: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", twin.connection(), http, source=7)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
@pytest.mark.parametrize(("method", "error"), [("GET", Unavailable), ("POST", OutcomeUnknown)])
def test_a_lost_answer_to_a_first_sign_up_ends_as_one_contact(
    twin: PulseTwin, upsert: Action, memory: FakeMemory, fault: str, method: str, error: type[VendorError]
) -> None:
    twin.fail(fault, method=method)
    with pytest.raises(error):
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG), memory)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + LAG), memory)
    assert [contact["firstName"] for contact in twin.contacts()] == ["Ann"]
    assert memory.attempts == {}


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "close_mid_body"])
def test_a_lost_answer_to_an_update_is_simply_repeated(
    twin: PulseTwin, upsert: Action, memory: FakeMemory, fault: str
) -> None:
    twin.seed({"source": 1, "emails": [{"emailAddress": ANN}], "phones": [{"phone": "2025550143"}]})
    twin.fail(fault, method="PUT")
    sign_up = task(email=ANN, first_name="Ann", phone="+12025550199", channels=["email"])
    with pytest.raises(Unavailable):
        upsert.deliver(sign_up, memory)
    upsert.deliver(sign_up, memory)
    [contact] = twin.contacts()
    assert contact["firstName"] == "Ann"
    assert len(contact["emails"]) == 1
    assert [phone["phone"] for phone in contact["phones"]] == ["2025550143", "2025550199"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_to_a_create_may_hide_a_contact_so_it_is_looked_for_first(
    twin: PulseTwin, upsert: Action, memory: FakeMemory, status: int
) -> None:
    twin.fail("status", method="POST", status=status)
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(email=ANN, search_lag=LAG), memory)
    with pytest.raises(TryLater) as caught:
        upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + 10), memory)
    assert caught.value.retry_after == LAG - 10
    upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + LAG), memory)
    assert len(twin.contacts()) == 1


def test_a_lost_create_that_the_search_hides_is_looked_for_again_before_another_create(
    twin: PulseTwin, upsert: Action, memory: FakeMemory
) -> None:
    twin.options.change({"search_lag": 60.0})
    twin.fail("drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(email=ANN, search_lag=LAG), memory)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, search_lag=LAG, now=NOW + 1), memory)
    twin.options.change({"search_lag": 0.0})
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + 2), memory)
    assert [contact["firstName"] for contact in twin.contacts()] == ["Ann"]


@pytest.mark.parametrize(("fault", "actions"), [("drop_before", 1), ("drop_after", 2)])
def test_a_lost_form_submission_is_repeated_and_its_actions_may_be(
    twin: PulseTwin, http: VendorHttp, memory: FakeMemory, fault: str, actions: int
) -> None:
    submit = action("pulse", "submit_form", twin.connection(), http, form_uuid=FORM_UUID)
    twin.fail(fault)
    with pytest.raises(OutcomeUnknown):
        submit.deliver(task(email=ANN), memory)
    submit.deliver(task(email=ANN), memory)
    assert len(twin.contacts()) == 1
    assert len(twin.events_of("form_action")) == actions


def test_an_outage_leaves_no_doubt_behind(twin: PulseTwin, upsert: Action, memory: FakeMemory) -> None:
    twin.stop()
    with pytest.raises(Unavailable):
        upsert.deliver(task(email=ANN), memory)
    assert memory.attempts == {}
