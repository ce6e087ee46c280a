"""Higher Logic: what no page says is a matter of the form file, not of the code."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.person_record import PersonRecord
from shared.vendors.higherlogic.options import UpsertOptions
from tests.support.vendor_fakes import action, task
from tests.vendors.recording import Recorder

SECRET = {"base_url": "https://higherlogic.example/v2", "api_key": "key"}
ANN = {"email": "ann@example.com", "first_name": "Ann", "phone": "+15165550143", "country": "Ireland"}


def pushed(memory: PersonRecord, **options: Any) -> dict[str, Any]:
    recorder = Recorder({})
    action("higherlogic", "upsert", SECRET, recorder.http, **options).deliver(task(person=ANN), memory)
    record: dict[str, Any] = recorder.requests[0]["body"][0]
    return record


def test_a_number_is_written_as_the_tenant_wants_it(memory: PersonRecord) -> None:
    assert pushed(memory)["PhoneNumbers"] == [{"FormattedNumber": "+15165550143"}]


def test_a_number_that_is_spelled_otherwise_now_is_not_added_again(memory: PersonRecord) -> None:
    pushed(memory)

    record = pushed(memory, phone_format="digits", groups=[{"id": "g", "name": "Members"}])

    assert record["PhoneNumbers"] == [{"FormattedNumber": "+15165550143"}]


def test_digits_are_written_where_the_tenant_wants_them(memory: PersonRecord) -> None:
    assert pushed(memory, phone_format="digits")["PhoneNumbers"] == [{"FormattedNumber": "15165550143"}]


def test_a_country_that_is_no_code_is_sent_only_where_the_tenant_takes_it(memory: PersonRecord) -> None:
    assert "Addresses" not in pushed(memory)
    assert pushed(memory, country_codes="any")["Addresses"] == [{"CountryCode": "Ireland"}]


@pytest.mark.parametrize("options", [{"phone_format": "plus"}, {"country_codes": "alpha-3"}])
def test_a_wrong_guess_is_refused_when_the_form_loads(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Input should be"):
        UpsertOptions.model_validate(options)
