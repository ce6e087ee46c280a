"""Values as vendors take them."""

from __future__ import annotations

import pytest

from shared.contact import Contact, Value
from shared.vendors.matching import same_email
from shared.vendors.payload import as_number, as_text, unplaced


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (5, "5"),
        (5.0, "5"),
        (0.5, "0.5"),
        (5e-07, "0.0000005"),
        (1.23e18, "1230000000000000000"),
        ("a", "a"),
    ],
)
def test_a_value_is_written_as_people_write_it(value: Value, text: str) -> None:
    assert as_text(value) == text


def test_only_a_whole_number_loses_its_fraction() -> None:
    assert [as_number(value) for value in (5.0, 0.5, True, "5.0")] == [5, 0.5, True, "5.0"]
    assert isinstance(as_number(5.0), int)


def test_an_attribute_without_a_place_is_named() -> None:
    assert unplaced(Contact(email="a@example.com", npi="1", gender="F"), {"email"}) == ["gender", "npi"]


def test_two_people_are_not_one_because_their_letters_fold_alike() -> None:
    assert not same_email("straße@example.com", "strasse@example.com")
    assert same_email(" Ann@Example.com", "ann@example.com")
