"""Pulse `upsert` with `write = "fill"`, against its twin."""

from __future__ import annotations

from typing import Any

import pytest

from local.twins.pulse.twin import PulseTwin
from shared.errors import TryLater
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.protocol import Action
from tests.support.vendor_fakes import NOW, action, task
from tests.vendors.recording import Recorder

ANN = "ann@example.com"
SECRET = {"base_url": "https://api.pulse.example", "account_id": "account", "api_token": "token"}
ADDRESS = ("address_line1", "city", "state", "postal_code")
ALL = ("first_name", "specialty", "phone", "company", *ADDRESS, "custom.size")
SIGN_UP: dict[str, Any] = {
    "email": ANN,
    "first_name": "Ada",
    "specialty": "Oncology",
    "phone": "+12025550143",
    "company": "Clinic",
    "address_line1": "1 High Street",
    "city": "Salem",
    "state": "OR",
    "postal_code": "97301",
    "custom": {"size": "20+"},
}


@pytest.fixture
def upsert(pulse: PulseTwin, http: VendorHttp) -> Action:
    return action("pulse", "upsert", pulse.connection(), http, source=7)


def seed(pulse: PulseTwin, **more: Any) -> None:
    pulse.seed({"source": 1, "emails": [{"emailAddress": ANN, "isSubscribed": False}], **more})


def facts(pulse: PulseTwin) -> dict[str, Any]:
    """Return the one contact's values, an array as those of its entries."""
    [contact] = pulse.contacts()
    return {
        "first": contact.get("firstName"),
        "specialty": contact.get("specialty"),
        "phones": [row["phone"] for row in contact.get("phones") or []],
        "places": [(row.get("company"), row.get("city")) for row in contact.get("locations") or []],
        "size": (contact.get("customFields") or {}).get("size"),
    }


WRITTEN = {
    "first": "Ada",
    "specialty": "Oncology",
    "phones": ["2025550143"],
    "places": [("Clinic", "Salem")],
    "size": "20+",
}


@pytest.mark.parametrize("update", ["merge", "replace"])
def test_what_is_held_stays(pulse: PulseTwin, http: VendorHttp, memory: PersonRecord, update: str) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, update=update)
    place = {"company": "Practice", "city": "Boston", "state": "MA"}
    custom = {"size": False}
    phones = [{"phone": "2025550199"}]
    seed(pulse, firstName="Ann", specialty="Surgery", phones=phones, locations=[place], customFields=custom)
    before = facts(pulse)
    upsert.deliver(task(**SIGN_UP, fill=ALL), memory)
    assert facts(pulse) == before
    assert before["size"] is False


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_empty_is_filled(pulse: PulseTwin, upsert: Action, memory: PersonRecord, nothing: str | None) -> None:
    seed(pulse, firstName=nothing, specialty=nothing, phones=[], locations=[], customFields={"size": nothing})
    upsert.deliver(task(**SIGN_UP, fill=ALL), memory)
    assert facts(pulse) == WRITTEN


def test_an_address_is_filled_as_a_whole(pulse: PulseTwin, upsert: Action, memory: PersonRecord) -> None:
    seed(pulse, locations=[{"company": "Practice", "city": "Boston", "state": "MA"}])
    upsert.deliver(task(**SIGN_UP, fill=["postal_code", "company"]), memory)
    assert facts(pulse)["places"] == [("Practice", "Boston")]


def test_consent_for_a_number_that_is_held_is_still_granted(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, phones=[{"phone": "2025550143"}])
    upsert.deliver(task(**SIGN_UP, fill=ALL, channels=["sms", "email"]), memory)
    [contact] = pulse.contacts()
    assert contact["phones"][0]["isSmsSubscribed"] is True
    assert contact["emails"][0]["isSubscribed"] is True


def test_consent_for_a_number_that_is_not_written_is_not_given_to_another(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    seed(pulse, phones=[{"phone": "2025550199"}])
    result = upsert.deliver(task(**SIGN_UP, fill=ALL, channels=["sms"]), memory)
    [contact] = pulse.contacts()
    assert [(row["phone"], row.get("isSmsSubscribed")) for row in contact["phones"]] == [("2025550199", False)]
    assert "consent.sms" in result.left_out


def test_nothing_is_filled_before_the_search_shows_our_own_last_write(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    pulse.options.change({"search_lag": 60.0})
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    with pytest.raises(TryLater):
        upsert.deliver(task(email=ANN, first_name="Ada", fill=["first_name"], search_lag=30, now=NOW + 1), memory)
    pulse.options.change({"search_lag": 0.0})
    upsert.deliver(task(email=ANN, first_name="Ada", fill=["first_name"], search_lag=30, now=NOW + 31), memory)
    assert facts(pulse)["first"] == "Ann"


def test_a_test_contact_that_no_search_shows_is_never_overwritten(
    pulse: PulseTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    upsert = action("pulse", "upsert", pulse.connection(), http, source=7, is_test=True)
    upsert.deliver(task(email=ANN, first_name="Ann"), memory)
    upsert.deliver(task(email=ANN, first_name="Ada", specialty="Oncology", fill=["first_name"]), memory)
    assert (facts(pulse)["first"], facts(pulse)["specialty"]) == ("Ann", "Oncology")


def test_a_contact_that_vanished_is_created_with_everything(
    pulse: PulseTwin, upsert: Action, memory: PersonRecord
) -> None:
    memory.left_as_found = frozenset({"first_name"})
    upsert.deliver(task(**SIGN_UP, fill=ALL), memory)
    memory.stamp_fields(["first_name"], "1")
    assert facts(pulse) == WRITTEN
    assert memory.fields == {"first_name": "1"}


def test_nothing_is_filled_while_the_search_shows_a_contact_as_it_was_before_our_own_last_write(
    memory: PersonRecord,
) -> None:
    before = [{"id": 1, "emails": [{"id": 4, "emailAddress": ANN}]}]
    after = [{**before[0], "firstName": "Ann"}]
    recorder = Recorder(before, {}, before, after)
    upsert = action("pulse", "upsert", SECRET, recorder.http, source=7)
    upsert.deliver(task(email=ANN, first_name="Ann", search_lag=30), memory)
    later = task(email=ANN, first_name="Ada", fill=["first_name"], search_lag=30, now=NOW + 1)
    with pytest.raises(TryLater):
        upsert.deliver(later, memory)
    upsert.deliver(later, memory)
    assert [sent["method"] for sent in recorder.requests] == ["GET", "PUT", "GET", "GET"]
