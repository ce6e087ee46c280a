"""Pulse's search may know a contact by its displayed address only: what that costs, and what it does not."""

from __future__ import annotations

import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import TryLater
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.pulse.memory import PulseMemory
from tests.support.vendor_fakes import NOW, action, person_record, task

ANN = "ann@example.com"
BOTH = {"source": 1, "emails": [{"emailAddress": "lee@example.com"}, {"emailAddress": ANN}]}


def test_an_address_that_is_not_the_displayed_one_is_found_by_the_remembered_id(
    pulse: PulseTwin, http: VendorHttp
) -> None:
    memory = person_record("pulse", contact_id=str(pulse.seed(BOTH)["id"]))
    memory.memory = PulseMemory(hidden_since=NOW)
    action("pulse", "upsert", pulse.connection(), http, source=7).deliver(task(email=ANN, first_name="Ann"), memory)
    [contact] = pulse.contacts()
    assert contact["firstName"] == "Ann"


def test_an_address_that_is_not_displayed_makes_no_second_contact_where_pulse_knows_better(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    pulse.options.same_email = "conflict"
    pulse.seed(BOTH)
    with pytest.raises(TryLater):
        action("pulse", "upsert", pulse.connection(), http, source=7).deliver(task(email=ANN), memory)
    assert len(pulse.contacts()) == 1
