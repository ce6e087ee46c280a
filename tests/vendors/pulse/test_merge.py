"""Pulse: an update speaks only of what this sign-up says, and no reading of `PUT` loses what is held."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import OutcomeUnknown, Refused, TryLater
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import NOW, action, bodies, person_record, task

ANN = "ann@example.com"
FLAGS = ("isPhoneSubscribed", "isSmsSubscribed")
CLINIC = {
    "company": "Clinic",
    "addressLine1": "1 Main Street",
    "city": "Springfield",
    "state": "IL",
    "postalCode": "62701",
}
ADDRESS = {"company": "Clinic", "address_line1": "1 Main Street", "city": "Springfield", "state": "IL"}


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


@pytest.fixture
def replacing(pulse: PulseTwin, http: VendorHttp) -> Action:
    """An action for an account whose `PUT` replaces."""
    pulse.options.change({"put": "replace"})
    return action("pulse", "upsert", pulse.connection(), http, source=7, update="replace")


def seed(pulse: PulseTwin, **more: Any) -> dict[str, Any]:
    return pulse.seed({"source": 1, "emails": [{"emailAddress": ANN, "isSubscribed": True}], **more})


def held(pulse: PulseTwin) -> dict[str, Any]:
    [contact] = pulse.contacts()
    return contact


def opted_in(pulse: PulseTwin) -> dict[str, Any]:
    return seed(pulse, phones=[{"phone": "2025550143", **dict.fromkeys(FLAGS, True)}], lastName="Lee")


@pytest.mark.parametrize("put", ["merge", "replace"])
def test_an_update_keeps_every_opt_in(pulse: PulseTwin, http: VendorHttp, memory: PersonRecord, put: str) -> None:
    opted_in(pulse)
    pulse.options.change({"put": put})
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, update=put)
    upsert.deliver(task(email=ANN, first_name="Ann", phone="+12025550199"), memory)
    first, second = held(pulse)["phones"]
    assert [first[flag] for flag in FLAGS] == [True, True]
    assert [second[flag] for flag in FLAGS] == [False, False]
    assert held(pulse)["emails"][0]["isSubscribed"] is True
    assert (held(pulse)["firstName"], held(pulse)["lastName"]) == ("Ann", "Lee")


def test_an_array_that_gets_no_new_entry_is_not_sent(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    opted_in(pulse)
    upsert.deliver(task(email=ANN, first_name="Ann", phone="+12025550143"), memory)
    assert bodies(pulse, "PUT") == [{"firstName": "Ann"}]


def test_a_new_entry_never_goes_alone(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    opted_in(pulse)
    upsert.deliver(task(email=ANN, phone="+12025550199"), memory)
    [body] = bodies(pulse, "PUT")
    assert [phone["phone"] for phone in body["phones"]] == ["2025550143", "2025550199"]
    assert body["phones"][0].items() >= dict.fromkeys(FLAGS, True).items()
    assert body.keys() == {"phones"}


def test_what_the_crm_changed_and_the_search_does_not_show_yet_is_not_undone(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    """Given a search that shows what was, When a first name is signed up, Then nothing else is said."""
    seed(pulse, lastName="Old", customFields={"doNotContact": False, "readOnly": 1})
    upsert.deliver(task(email=ANN, first_name="Ann", custom={"topic": "news"}), memory)
    assert bodies(pulse, "PUT") == [{"firstName": "Ann", "customFields": {"topic": "news"}}]


def test_a_custom_field_that_nobody_may_write_parks_no_known_contact(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    pulse.seed({"emails": [{"emailAddress": ANN}], "customFields": {"readOnly": "by the CRM", "topic": "old"}})

    upsert.deliver(task(email=ANN, custom={"topic": "new"}), memory)

    assert bodies(pulse, "PUT") == [{"customFields": {"topic": "new"}}]


def test_in_replace_mode_a_test_contact_that_no_search_shows_keeps_no_sign_up_waiting_for_ever(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, is_test=True, update="replace")
    sign_up = task(email=ANN, first_name="Ann", phone="+12025550143", search_lag=600)
    upsert.deliver(task(email=ANN, search_lag=600), memory)
    pulse.fail("drop_after", method="PUT")
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(sign_up, memory)

    result = upsert.deliver(sign_up, memory)

    [contact] = pulse.contacts()
    assert contact["firstName"] == "Ann"
    assert result.left_out == ("phone",)


def test_in_replace_mode_nothing_is_written_to_a_contact_that_was_not_seen(
    pulse: PulseTwin, replacing: Action, memory: PersonRecord
) -> None:
    replacing.deliver(task(email=ANN, first_name="Ann", last_name="Lee", search_lag=30), memory)
    pulse.options.change({"search_lag": 90.0})
    later = task(email=ANN, specialty="Oncology", search_lag=30, now=NOW + 45)
    with pytest.raises(TryLater):
        replacing.deliver(later, memory)
    pulse.options.change({"search_lag": 0.0})
    replacing.deliver(later, memory)
    assert (held(pulse)["lastName"], held(pulse)["specialty"]) == ("Lee", "Oncology")


def test_in_replace_mode_all_that_is_held_is_repeated(
    pulse: PulseTwin, replacing: Action, memory: PersonRecord
) -> None:
    seed(pulse, lastName="Lee", locations=[CLINIC], customFields={"size": "1-5"}, npi="1234567890")
    replacing.deliver(task(email=ANN, first_name="Ann", custom={"topic": "news"}), memory)
    contact = held(pulse)
    assert (contact["lastName"], contact["npi"]) == ("Lee", "1234567890")
    assert [place["city"] for place in contact["locations"]] == ["Springfield"]
    assert contact["customFields"] == {"size": "1-5", "topic": "news"}


def test_an_opt_in_of_our_own_is_not_undone_by_a_search_that_lags(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    """Given a text opt-in that the search does not show yet, When another phone comes, Then it waits."""
    seed(pulse, phones=[{"phone": "2025550143"}])
    upsert.deliver(task(email=ANN, phone="+12025550143", channels=["sms"], search_lag=30), memory)
    pulse.options.change({"search_lag": 60.0})
    pulse.age_index()
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=30, now=NOW + 1), memory)
    assert held(pulse)["phones"][0]["isSmsSubscribed"] is True


def test_a_lost_update_makes_no_second_phone_when_it_shows_up_late(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, phones=[{"phone": "2025550143"}])
    pulse.fail("drop_after", method="PUT")
    sign_up = {"email": ANN, "phone": "+12025550199"}  # said again by the retry
    with pytest.raises(OutcomeUnknown):
        upsert.deliver(task(person=sign_up, search_lag=30), memory)
    pulse.options.change({"search_lag": 60.0})
    pulse.age_index()
    with pytest.raises(TryLater):
        upsert.deliver(task(person=sign_up, search_lag=30, now=NOW + 5), memory)
    pulse.options.change({"search_lag": 0.0})
    upsert.deliver(task(person=sign_up, search_lag=30, now=NOW + 31), memory)
    assert [phone["phone"] for phone in held(pulse)["phones"]] == ["2025550143", "2025550199"]


def test_a_refused_update_is_not_waited_for(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    seed(pulse, phones=[{"phone": "2025550143"}])
    pulse.fail("status", status=422, method="PUT")
    with pytest.raises(Refused):
        upsert.deliver(task(email=ANN, phone="+12025550199", search_lag=30), memory)
    upsert.deliver(task(email=ANN, phone="+12025550101", search_lag=30, now=NOW + 1), memory)
    assert [phone["phone"] for phone in held(pulse)["phones"]] == ["2025550143", "2025550101"]


# Locations.


@pytest.mark.parametrize(
    "spelled", [{"country": "USA"}, {"city": "SPRINGFIELD", "country": "United States"}, {"country": None}]
)
def test_a_location_that_the_vendor_spells_otherwise_is_not_added_again(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, spelled: dict[str, Any]
) -> None:
    seed(pulse, locations=[{**CLINIC, **spelled}])
    upsert.deliver(task(email=ANN, person=ADDRESS, postal_code="62701", country="US"), memory)
    assert len(held(pulse)["locations"]) == 1


def test_a_location_that_says_more_of_a_held_one_is_merged_into_it(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    place_id = seed(pulse, locations=[{"company": "clinic"}])["locations"][0]["id"]
    upsert.deliver(task(email=ANN, person=ADDRESS, postal_code="62701"), memory)
    [place] = held(pulse)["locations"]
    assert (place["id"], place["company"], place["city"]) == (place_id, "clinic", "Springfield")


def test_another_address_of_the_same_company_is_a_location_of_its_own(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, locations=[CLINIC])
    upsert.deliver(task(email=ANN, person={**ADDRESS, "city": "Chicago"}, postal_code="60601"), memory)
    assert [place["city"] for place in held(pulse)["locations"]] == ["Springfield", "Chicago"]


def test_a_default_country_lets_an_address_outside_the_usa_through(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    leeds = {"address_line1": "1 High Street", "city": "Leeds", "state": "West Yorkshire", "postal_code": "LS1 4AP"}
    assert action("pulse", "upsert", pulse.connection(), http, source=7).deliver(
        task(email="a@example.com", person=leeds), person_record("pulse")
    ).left_out == ("postal_code", "address_line1", "city", "state")
    british = action("pulse", "upsert", pulse.connection(), http, source=7, default_country="GB")
    assert british.deliver(task(email=ANN, person=leeds), memory).left_out == ()
    assert pulse.contacts()[-1]["locations"][0]["country"] == "GB"


# What has no place.


def test_consent_for_a_phone_that_is_not_there_is_counted(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    result = upsert.deliver(task(email=ANN, channels=["sms", "call", "email"]), memory)
    assert result.left_out == ("consent.call", "consent.sms")


@pytest.mark.parametrize(("given", "sent"), [({}, False), ({"contact_type": "HCP"}, True)])
def test_a_contact_that_pulse_calls_a_patient_gets_no_npi(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord, given: dict[str, str], sent: bool
) -> None:
    seed(pulse, contactType="Patient")
    result = upsert.deliver(task(email=ANN, first_name="Ann", npi="1234567890", person=given), memory)
    assert ("npi" in bodies(pulse, "PUT")[0]) is sent
    assert result.left_out == (() if sent else ("npi",))


def test_a_whole_number_goes_out_without_a_fraction(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    upsert.deliver(task(email=ANN, custom={"beds": 5.0, "rate": 0.5, "large": 1e18}), memory)
    assert '"beds":5,"rate":0.5,"large":1000000000000000000' in pulse.requests[-1].body
