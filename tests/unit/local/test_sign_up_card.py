"""The card of a sign-up on the timeline."""

from __future__ import annotations

import re
from html import unescape

import pytest

from local.pages.sign_up_card import sign_up_card
from local.story.entries import SignUp, Step, VendorCall


def text_of(sign_up: SignUp) -> str:
    """Return a card's text, words parted by one space."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", sign_up_card(sign_up, {}))).split())


def sign_up_with(*steps: Step) -> SignUp:
    return SignUp("s1", received_at=100.0, ended_at=101.0, status="accepted", deliveries={"pulse-us": list(steps)})


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step(100.5, "delivered"), "delivered +0.50 s"),
        (Step(100.5, "skipped", "condition"), "skipped: its condition does not hold +0.50 s"),
        (Step(100.5, "superseded"), "superseded: a newer sign-up of this person was delivered first +0.50 s"),
        (Step(100.5, "queued", "busy"), "queued: another delivery of this person is under way +0.50 s"),
        (Step(100.5, "held", "credentials"), "held: the key does not work +0.50 s"),
        (Step(100.5, "parked", "misconfigured"), "parked: the form or the connection is wrong +0.50 s Replay"),
    ],
)
def test_each_way_a_delivery_can_end_is_told_with_its_time_and_reason(step: Step, told: str) -> None:
    assert told in text_of(sign_up_with(step))


def test_the_same_step_several_times_in_a_row_is_told_once_with_its_number() -> None:
    waited = [Step(100.0 + second, "queued", "circuit-open") for second in (1, 2, 3)]

    told = text_of(sign_up_with(*waited, Step(105.0, "delivered")))

    assert "queued: left alone, its circuit is open 3 times +3.00 s delivered +5.00 s" in told


def test_only_a_parked_delivery_has_a_button() -> None:
    assert "Replay" not in text_of(sign_up_with(Step(100.5, "parked", "refused"), Step(101.0, "delivered")))


def test_what_a_log_line_says_is_escaped() -> None:
    sign_up = sign_up_with(Step(100.5, "parked", "<i>", error='"<i>'))
    sign_up.calls.append(VendorCall(100.1, "<i>", "<i>", None, 5))

    card = sign_up_card(sign_up, {})

    assert "<i>" not in card
    assert card.count("&lt;i&gt;") == 4
