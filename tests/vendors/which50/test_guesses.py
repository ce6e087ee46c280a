"""Which50: what no page says is a matter of the form file, not of the code."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.person_record import PersonRecord
from shared.vendors.protocol import WriteResult
from shared.vendors.which50.options import UpsertOptions
from tests.support.vendor_fakes import action, task
from tests.vendors.recording import Recorder

SECRET = {"base_url": "https://which50.example/Which50API", "headers": {"X-Api-Key": "key"}}
OPTIONS = {"contact_list_id": 3, "fields": {"email": "Email"}, "verify_fields": False}


def deliver(answer: Any, memory: PersonRecord, **options: Any) -> WriteResult:
    upsert = action("which50", "upsert", SECRET, Recorder(answer).http, **OPTIONS, **options)
    return upsert.deliver(task(email="ann@example.com"), memory)


def test_an_id_and_warnings_that_stand_elsewhere_are_found_where_the_form_file_says(memory: PersonRecord) -> None:
    answer = {"Contact": {"Ref": "abc"}, "Notes": ["one", "two"]}

    receipt = deliver(answer, memory, answers={"contact_id": "Contact.Ref", "warnings": "Notes"})

    assert memory.contact_id == "abc"
    assert receipt.warnings == 2


@pytest.mark.parametrize("answer", [[], {"EncContactId": None}, {"ValidationWarnings": 5}, None])
def test_an_answer_that_lacks_them_is_still_success(answer: Any, memory: PersonRecord) -> None:
    memory.contact_id = "known"

    assert deliver(answer, memory).warnings == 0
    assert memory.contact_id == "known"


def test_a_path_whose_function_takes_another_type_finds_nothing_and_costs_nothing(memory: PersonRecord) -> None:
    assert deliver({"EncContactId": "abc"}, memory, answers={"warnings": "sort(EncContactId)"}).warnings == 0


def test_a_path_that_is_no_jmespath_is_refused_when_the_form_loads() -> None:
    with pytest.raises(ValidationError, match="must be JMESPath"):
        UpsertOptions.model_validate({**OPTIONS, "answers": {"contact_id": "Contact["}})
