"""Pulse: a form submission followed by an upsert of the same person, while the search does not show it yet."""

from __future__ import annotations

import pytest

from local.twins.pulse.twin import FORM_UUID, PulseOptions, PulseTwin
from shared.errors import TryLater
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from tests.support.vendor_fakes import NOW, action, task

ANN = "ann@example.com"
LAG = 30.0


def test_a_person_who_came_by_a_form_is_not_created_again(http: VendorHttp, memory: PersonRecord) -> None:
    with PulseTwin(PulseOptions(search_lag=3600)) as pulse:
        # Given a form submission of somebody unknown, which the search does not show yet
        form = action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID)
        form.deliver(task(email=ANN, search_lag=LAG), memory)

        # When the same person signs up by a contact form
        upsert = action("pulse", "upsert", pulse.connection(), http, source=7)
        with pytest.raises(TryLater):
            upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + 1), memory)

        # Then there is one contact still
        assert len(pulse.all_contacts()) == 1


def test_a_number_that_came_by_a_form_is_not_lost_to_a_stale_search(http: VendorHttp, memory: PersonRecord) -> None:
    with PulseTwin() as pulse:
        # Given a known contact, and a form submission with a number that the search does not show yet
        pulse.seed({"source": 1, "emails": [{"emailAddress": ANN}], "phones": [{"phone": "2025550143"}]})
        pulse.age_index()
        form = action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID)
        form.deliver(task(email=ANN, phone="+12025550188", search_lag=LAG), memory)

        # When an upsert brings a third number, which needs the whole array
        upsert = action("pulse", "upsert", pulse.connection(), http, source=7)
        with pytest.raises(TryLater):
            upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=LAG, now=NOW + 1), memory)

        # Then the form's number is there still
        [contact] = pulse.all_contacts()
        assert "2025550188" in [phone["phone"] for phone in contact["phones"]]


def test_a_write_between_does_not_let_a_stale_search_be_believed(http: VendorHttp, memory: PersonRecord) -> None:
    with PulseTwin() as pulse:
        # Given a form's number that the search does not show yet, and another sign-up's name since then, which it does
        pulse.seed({"source": 1, "firstName": "Ann", "emails": [{"emailAddress": ANN}], "phones": []})
        pulse.age_index()
        form = action("pulse", "submit_form", pulse.connection(), http, form_uuid=FORM_UUID)
        form.deliver(task(email=ANN, phone="+12025550188", search_lag=LAG), memory)
        upsert = action("pulse", "upsert", pulse.connection(), http, source=7)
        upsert.deliver(task(email=ANN, first_name="Ann", search_lag=LAG, now=NOW + 1), memory)

        # When an upsert brings another number
        with pytest.raises(TryLater):
            upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=LAG, now=NOW + 2), memory)

        # Then the form's number is there still
        [contact] = pulse.all_contacts()
        assert "2025550188" in [phone["phone"] for phone in contact["phones"]]
