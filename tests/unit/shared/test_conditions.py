"""Conditions on answers: every key must hold, of a list one value suffices."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.conditions import Answer, Conditional, ConditionalName, matches


@pytest.mark.parametrize(
    ("condition", "answers", "holds"),
    [
        ({}, {}, True),
        ({"news": True}, {"news": True}, True),
        ({"news": True}, {"news": False}, False),
        ({"news": True}, {}, False),
        ({"news": False}, {}, True),
        ({"news": False}, {"news": False}, True),
        ({"news": False}, {"news": True}, False),
        ({"news": (True, False)}, {}, True),
        ({"size": "1-5"}, {"size": "1-5"}, True),
        ({"size": "1-5"}, {"size": "6-20"}, False),
        ({"size": "1-5"}, {}, False),
        ({"size": ("1-5", "6-20")}, {"size": "6-20"}, True),
        ({"size": ("1-5", "6-20")}, {"size": "20+"}, False),
        ({"topics": "events"}, {"topics": ("events", "jobs")}, True),
        ({"topics": "events"}, {"topics": ("jobs",)}, False),
        ({"topics": ("events", "jobs")}, {"topics": ("jobs",)}, True),
        ({"beds": 5}, {"beds": 5}, True),
        ({"beds": 5.0}, {"beds": 5}, True),
        ({"beds": 1}, {"beds": 2}, False),
        ({"beds": 0}, {}, False),
        ({"news": True, "size": "1-5"}, {"news": True, "size": "1-5"}, True),
        ({"news": True, "size": "1-5"}, {"size": "1-5"}, False),
    ],
)
def test_a_condition_holds_where_every_key_does(condition: Any, answers: dict[str, Answer], holds: bool) -> None:
    assert matches(condition, answers) is holds


def test_an_entry_may_be_its_name_alone() -> None:
    assert ConditionalName.model_validate("Cardiology") == ConditionalName(name="Cardiology")
    assert ConditionalName(name="Cardiology").applies({})


def test_an_entry_with_a_condition_is_for_those_who_match() -> None:
    entry = ConditionalName.model_validate({"name": "Cardiology", "when": {"interests": ["cardiology", "heart"]}})

    assert entry.applies({"interests": ("heart", "lungs")})
    assert not entry.applies({"interests": ("lungs",)})


@pytest.mark.parametrize("when", [{}, {"news": []}, {"news": None}, {"news": {"is": True}}, {"news": ""}, [], "news"])
def test_a_condition_without_a_value_is_refused(when: Any) -> None:
    with pytest.raises(ValidationError):
        Conditional.model_validate({"when": when})
