from __future__ import annotations

import json
from typing import cast

import pytest

from cli.erase.subject import Subject
from shared.errors import ConfigurationError
from shared.ledger.person_hashing import PersonHasher


class FakePeople:
    def of_address(self, text: str) -> str:
        return f"hash of {text.casefold()}"


def subject(email: str | None = None, phone: str | None = None) -> Subject:
    return Subject.of(email, phone, cast("PersonHasher", FakePeople()))


def message(**contact: str) -> str:
    submission = {"id": "1", "form": "newsletter", "received_at": 1, "contact": contact}
    return json.dumps(
        {"version": 3, "destination": "d", "submission": submission, "first_failed_at": 1, "queued_at": 1}
    )


def test_what_the_operator_typed_is_read_as_a_form_would() -> None:
    ada = subject(" Ada@EXAMPLE.com ", "+1 (202) 555-0123")

    assert ada.addresses == {"email": "Ada@example.com", "phone": "+12025550123"}
    assert ada.hashes == {"email": "hash of ada@example.com", "phone": "hash of +12025550123"}
    assert "Ada" not in repr(ada)


@pytest.mark.parametrize(
    ("email", "phone", "option"),
    [
        ("nobody", None, "--email"),
        (None, "12345", "--phone"),
        (None, "202 555 0123", "--phone"),
        ("ada@example.com", "12345", "--phone"),
    ],
)
def test_what_is_no_address_is_refused_by_the_option_that_holds_it(
    email: str | None, phone: str | None, option: str
) -> None:
    with pytest.raises(ConfigurationError, match=option) as refused:
        subject(email, phone)

    assert "nobody" not in str(refused.value)
    assert "12345" not in str(refused.value)


@pytest.mark.parametrize(
    ("contact", "theirs"),
    [
        ({"email": "ada@example.com"}, True),
        ({"email": "Ada@Example.com", "phone": "+12025550199"}, True),
        ({"email": "bob@example.com", "phone": "+12025550123"}, True),
        ({"email": "bob@example.com", "first_name": "ada@example.com"}, False),
        ({"phone": "+2025550123"}, False),
        ({}, False),
    ],
)
def test_a_message_is_theirs_by_its_contact_alone(contact: dict[str, str], theirs: bool) -> None:
    assert subject("ada@example.com", "+12025550123").is_in_message(message(**contact)) is theirs


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("ada@example.com", True),
        ('["Ada <ADA@example.com>"]', True),
        ('{"deep": [{"er": "ada@example.com."}]}', True),
        ("x.ada@example.com", False),
        ("ada@example.com.au", False),
        ("ada@example.community", False),
        ('{"phone": "(202) 555-0123"}', True),
        ('{"phone": "0044 1 202 555 0123"}', False),
        ('{"phone": "555-0123"}', False),
        ('{"phone": "+12025550123", "fax": "1"}', True),
        ('{"n": null, "b": true}', False),
        ("", False),
    ],
)
def test_what_cannot_be_read_is_searched_for_whole_addresses(text: str, theirs: bool) -> None:
    ada = subject("ada@example.com", "+12025550123")

    assert ada.is_in_message(text) is theirs
    assert ada.is_in_item({"submitted": text}) is theirs


def test_an_item_is_theirs_by_its_hashes() -> None:
    ada = subject("ada@example.com")

    assert ada.is_in_item({"people": {"hash of ada@example.com", "hash of +12025550123"}})
    assert not ada.is_in_item({"people": {"hash of bob@example.com"}})
    assert not ada.is_in_item({})
