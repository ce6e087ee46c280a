"""The card of a sign-up on the timeline."""

from __future__ import annotations

import re
from html import unescape

import pytest

from local.pages.sign_up_card import sign_up_card
from local.story.entries import SignUp, Step, VendorCall


def text_of(sign_up: SignUp, **next_tries: float) -> str:
    """Return a card's text, words parted by one space; `next_tries`: destination → when it is tried next."""
    times = {(sign_up.id, name.replace("_", "-")): at for name, at in next_tries.items()}
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", sign_up_card(sign_up, {}, times))).split())


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


@pytest.mark.parametrize(
    ("outcome", "is_told"), [("queued", True), ("held", True), ("delivered", False), ("parked", False)]
)
def test_what_waits_is_told_with_the_time_of_its_next_try(outcome: str, is_told: bool) -> None:
    told = text_of(sign_up_with(Step(100.5, outcome, "unavailable")), pulse_us=110.0)

    assert (re.search(r"next try at \d\d:\d\d:50", told) is not None) is is_told


def test_the_cause_of_a_dead_letter_is_shown_until_it_is_replayed() -> None:
    parked = Step(100.5, "parked", "misconfigured", error="create contact: status 404, location_id is wrong")

    assert parked.error in text_of(sign_up_with(parked))
    assert parked.error not in text_of(sign_up_with(parked, Step(103.0, "delivered")))


def test_the_id_is_whole_so_that_it_can_be_copied() -> None:
    submission_id = "019350a8-9f3e-7c52-8d11-2f4f6f0f6a01"

    assert submission_id in text_of(SignUp(submission_id, received_at=100.0))


def test_only_a_parked_delivery_has_a_button() -> None:
    assert "Replay" not in text_of(sign_up_with(Step(100.5, "parked", "refused"), Step(101.0, "delivered")))


def test_what_a_log_line_says_is_escaped() -> None:
    sign_up = sign_up_with(Step(100.5, "parked", "<i>", error='"<i>'))
    sign_up.calls.append(VendorCall(100.1, "<i>", "<i>", None, 5))

    card = sign_up_card(sign_up, {}, {})

    assert "<i>" not in card
    assert card.count("&lt;i&gt;") == 5
