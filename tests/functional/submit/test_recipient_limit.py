"""Nobody's mailbox or phone is flooded: sign-ups are limited per recipient, from however many callers they come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.support.outages import gone
from tests.support.relay import Answer, Relay

PHONE = '[fields.phone]\ntype = "phone"\nregion = "US"\n'
VICTIM = "victim@example.com"


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    limited(relay, "2/hour")
    relay.twin("pulse", "pulse-us")


def limited(relay: Relay, limit: str, spam: str = "") -> None:
    text = newsletter(f'recipient_limit = "{limit}"', f'{EMAIL}{PHONE}[fields.first_name]\ntype = "text"\n', spam)
    relay.form("newsletter", text)


def sign_up(relay: Relay, number: int, **values: Any) -> Answer:
    """Sign up from an address of its own, with values of its own."""
    person = {"email": VICTIM, "first_name": f"Ada {number}", **values}
    return relay.post("newsletter", person, ip=f"198.51.100.{number}")


def test_a_victim_gets_no_more_sign_ups_than_the_form_allows(relay: Relay) -> None:
    answers = [sign_up(relay, number) for number in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 2 * 3600


def test_another_spelling_of_the_address_is_the_same_victim(relay: Relay) -> None:
    answers = [sign_up(relay, n, email=email) for n, email in enumerate([VICTIM, VICTIM.upper(), f" {VICTIM} "])]

    assert [answer.status for answer in answers] == [200, 200, 429]


def test_a_phone_is_counted_whatever_the_address(relay: Relay) -> None:
    answers = [sign_up(relay, n, email=f"{n}@example.com", phone="+1 212 555 0123") for n in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]


def test_others_and_other_forms_are_not_affected(relay: Relay) -> None:
    for number in range(3):
        sign_up(relay, number)
    relay.form("other", newsletter('recipient_limit = "2/hour"'))

    assert sign_up(relay, 4, email="ada@example.com").status == 200
    assert relay.post("other", {"email": VICTIM}).status == 200


def test_an_exact_repeat_gets_its_answer_and_counts_once(relay: Relay) -> None:
    first = sign_up(relay, 1)
    repeats = [sign_up(relay, 1) for _ in range(5)]

    assert [repeat.json for repeat in repeats] == [first.json] * 5
    assert [sign_up(relay, number).status for number in (2, 3)] == [200, 429]
    assert sign_up(relay, 1).json == first.json, "answered, although the limit is reached"


def test_a_sign_up_that_was_over_the_limit_may_come_again(relay: Relay) -> None:
    limited(relay, "1/hour")
    sign_up(relay, 1)
    assert sign_up(relay, 2).status == 429
    limited(relay, "off")

    assert sign_up(relay, 2).status == 200


def test_invalid_and_suspected_sign_ups_do_not_use_up_the_limit_of_a_person(relay: Relay) -> None:
    limited(relay, "1/hour", '[spam]\nhoneypot = "website"\ncaptcha = "turnstile"')
    sign_up(relay, 1, website="x")
    sign_up(relay, 2)
    limited(relay, "1/hour")
    sign_up(relay, 3, phone="no number")

    assert sign_up(relay, 4).status == 200


def test_without_a_key_of_its_own_a_form_limits_recipients_to_ten_an_hour(relay: Relay) -> None:
    relay.form("newsletter", newsletter("", f'{EMAIL}[fields.first_name]\ntype = "text"\n'))

    assert [sign_up(relay, number).status for number in range(11)] == [200] * 10 + [429]


def test_the_ledger_does_not_hold_the_address(relay: Relay) -> None:
    sign_up(relay, 1)

    assert VICTIM not in str([item["id"] for item in relay.items()])


def test_a_limit_that_cannot_be_checked_stops_nobody(relay: Relay) -> None:
    with gone("dynamodb"):
        assert [sign_up(relay, number).status for number in range(3)] == [202] * 3
