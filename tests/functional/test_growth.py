"""What grows with people and forms, and what does not: counted in calls and items, never in time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from shared.delivery.outcome import Delivered
from shared.forms import Forms
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.support.delivery_scene import Scene
from tests.support.relay import Relay

FEW, MANY = 5, 40
GIVEN_NAME = """
[fields.first_name]
type = "text"
"""


def sizes(relay: Relay, prefix: str) -> list[int]:
    return [len(json.dumps(item, default=str)) for item in relay.items(prefix)]


def test_a_person_who_signs_up_again_and_again_has_one_item_that_does_not_grow(relay: Relay) -> None:
    relay.form("newsletter", 'recipient_limit = "off"\nrate_limit = "off"\n' + newsletter("", EMAIL + GIVEN_NAME))
    relay.twin("pulse", "pulse-us")
    seen = {}
    for number in range(1, MANY + 1):
        answer = relay.post("newsletter", {"email": "ada@example.com", "first_name": f"Ada {number:03}"})
        assert answer.json["status"] == "delivered"
        if number in (FEW, MANY):
            (seen[number],) = sizes(relay, "person#")

    assert abs(seen[MANY] - seen[FEW]) <= 16, "a number may have a digit more"


PEOPLE = 10_000
"""Tried with 1,000,000 on 22 November 2026."""


def served_among(stored: int) -> tuple[int, int]:
    """Deliver to one more person; return the calls to the table, and the items that it holds more afterwards."""
    scene = Scene()
    for number in range(stored):
        scene.table.put({"id": f"person#account#{number:032x}", "released_by": "", "expiration": 4_102_444_800})
    scene.deliver(scene.sign_up(email="warm@example.com"))  # from now on the destination's gate is cached
    scene.table.calls.clear()
    before = len(scene.people)
    assert scene.deliver(scene.sign_up("s-2")) == Delivered()
    return len(scene.table.calls), len(scene.people) - before


def test_a_sign_up_among_many_people_makes_the_calls_and_items_of_one_among_few() -> None:
    assert served_among(PEOPLE) == served_among(100) == (2, 1)


def function_calls(forms: Forms, form_id: str) -> int:
    """Count the functions that are called to find a form."""
    calls = []
    sys.setprofile(lambda _, event, __: calls.append(event) if event in {"call", "c_call"} else None)
    try:
        forms.get(form_id)
    finally:
        sys.setprofile(None)
    return len(calls)


@pytest.mark.parametrize("form_id", ["form-0", "form-9"])
def test_a_form_among_two_hundred_is_found_like_one_among_ten(form_id: str, tmp_path: Path) -> None:
    found = {}
    for count in (10, 200):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"form-{number}.toml").write_text(newsletter(""))
        forms = Forms(folder)
        for each in forms.ids():
            forms.get(each)
        found[count] = function_calls(forms, form_id)
    assert found[10] == found[200]
