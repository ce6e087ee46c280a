"""What one person's sign-ups leave in the ledger: the person's item stays as large as it is."""

from __future__ import annotations

import json

from tests.functional.submit.form_texts import EMAIL, newsletter
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
