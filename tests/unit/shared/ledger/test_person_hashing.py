from __future__ import annotations

from typing import Any, cast

import pytest

from shared.contact import Contact
from shared.errors import LedgerKeyUnavailable
from shared.ledger.person_hashing import PersonHasher


class FakeSecrets:
    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def fetch(self, name: str) -> dict[str, Any]:
        assert name == "ledger-key"
        return self._value


def _people(**secret: Any) -> PersonHasher:
    return PersonHasher(cast("Any", FakeSecrets(secret)))


PEOPLE = _people(key="a")


def test_a_hash_depends_on_the_deployments_key_and_on_every_part() -> None:
    hashes = {
        PEOPLE.hashed("x", "y"),
        PEOPLE.hashed("xy"),
        PEOPLE.hashed("y", "x"),
        _people(key="b").hashed("x", "y"),
    }
    assert len(hashes) == 4
    assert PEOPLE.hashed("x", "y") == _people(key="a").hashed("x", "y")


@pytest.mark.parametrize("secret", [{}, {"key": ""}])
def test_nobody_is_hashed_without_a_key_since_anybody_could_compute_that(secret: dict[str, Any]) -> None:
    with pytest.raises(LedgerKeyUnavailable, match="holds no key"):
        _people(**secret).hashed("ada@example.com")


def test_two_people_whose_names_differ_by_a_sharp_s_are_not_made_one() -> None:
    assert PEOPLE.of_address("straße@example.com") != PEOPLE.of_address("strasse@example.com")


def test_a_person_is_the_same_whatever_the_case_and_padding() -> None:
    assert PEOPLE.of_identity({"email": "Ada@Example.com "}) == PEOPLE.of_identity({"email": "ada@example.com"})
    assert PEOPLE.of_identity({"email": "5550100"}) != PEOPLE.of_identity({"phone": "5550100"})


def test_an_address_is_the_same_person_whoever_wrote_it_down() -> None:
    (stored,) = PEOPLE.of_contact(Contact(email="Ada@example.com"))
    assert stored == PEOPLE.of_address(" ADA@example.com ")


def test_an_erasure_finds_a_person_by_either_address() -> None:
    both = PEOPLE.of_contact(Contact(email="Ada@example.com", phone="+15550100"))
    assert both == PEOPLE.of_contact(Contact(email="ada@example.com")) | PEOPLE.of_contact(Contact(phone="+15550100"))
    assert PEOPLE.of_contact(Contact(first_name="Ada")) == set()
