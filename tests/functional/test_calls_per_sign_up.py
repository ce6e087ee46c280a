"""What `docs/cost.md` says that a sign-up calls, held against what it calls."""

from __future__ import annotations

import re
from collections import Counter

from tests.functional.submit.form_texts import newsletter
from tests.support.paths import ROOT
from tests.support.relay import Relay
from tests.support.roles import calls

PAGE = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
SECOND = """
[[destinations]]
name = "yespo"
vendor = "esputnik"
action = "subscribe"
"""
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}


def told(what: str) -> int:
    found = re.search(rf"\| DynamoDB, {what} \| at most (\d+)", PAGE)
    assert found is not None
    return int(found[1])


def test_a_sign_up_makes_no_more_calls_than_the_page_on_cost_says(relay: Relay) -> None:
    """Given two destinations, a consent and a warm environment, when somebody signs up, then the calls are those."""
    relay.form("newsletter", newsletter() + SECOND)
    relay.twin("pulse", "pulse-us")
    relay.twin("esputnik", "yespo")
    relay.post("newsletter", {"email": "first@example.com", "news": True})
    calls.clear()

    assert relay.post("newsletter", {"email": "ada@example.com", "news": True}).status == 200

    made = Counter(calls)
    assert sum(made[action] for action in WRITES) <= told("writes")
    assert sum(made.values()) - sum(made[action] for action in WRITES) <= told("reads")
    assert {action.partition(":")[0] for action in made} == {"dynamodb"}
