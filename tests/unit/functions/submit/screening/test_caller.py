from __future__ import annotations

import pytest

from functions.submit.screening.caller import read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.51.100.1", "198.51.100.1"),
        (" 198.51.100.1:443 ", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1:50000", "2001:db8::1"),
        ("", None),
        (":443", None),
        ("example.com:443", None),
        ("198.51.100.1, 203.0.113.7", None),
    ],
)
def test_an_address_is_read_however_it_is_written(text: str, address: str | None) -> None:
    assert read_address(text) == address


def test_what_certainly_ends_in_a_port_loses_it_though_it_could_be_part_of_the_address() -> None:
    assert read_address("2001:db8::1:443", with_port=True) == "2001:db8::1"
    assert read_address("2001:db8::1:443") == "2001:db8::1:443"


def test_a_port_that_was_left_out_is_not_missed() -> None:
    assert read_address("198.51.100.1", with_port=True) == "198.51.100.1"
