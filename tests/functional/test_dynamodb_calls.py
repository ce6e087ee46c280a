"""What a sign-up costs the ledger: calls to DynamoDB, in an environment that has served one sign-up before."""

from __future__ import annotations

import json

import pytest

from local.twins import TWINS
from tests.functional.submit.form_texts import newsletter
from tests.support.dynamodb_calls import dynamodb_calls
from tests.support.relay import Relay, event

LIMITS = 'rate_limit = "60/minute"\nrecipient_limit = "10/hour"\n'
ANOTHER = '[[destinations]]\nname = "pulse-{number}"\nvendor = "pulse"\naction = "upsert"\noptions = {{ source = 7 }}\n'


def _signed_up(relay: Relay, destinations: int = 1) -> None:
    """Warm an environment up: a form, its vendor, and one sign-up."""
    others = range(2, destinations + 1)
    relay.form("newsletter", newsletter(LIMITS) + "".join(ANOTHER.format(number=number) for number in others))
    relay.twin("pulse", "pulse-us")
    for number in others:
        # Each an account of its own: within one account a person is written by one destination after the other.
        twin = relay.twins[f"pulse-{number}"] = TWINS["pulse"]()
        twin.start()
        relay.secret(f"pulse-{number}", twin.connection())
    assert relay.post("newsletter", {"email": "warm@example.com", "news": True}).json["status"] == "delivered"


def _posted(relay: Relay, status: str) -> list[str]:
    with dynamodb_calls() as calls:
        assert relay.post("newsletter", {"email": "ada@example.com", "news": True}).json["status"] == status
    return calls


def test_a_good_sign_up_costs_seven_calls_at_most(relay: Relay) -> None:
    _signed_up(relay)
    calls = _posted(relay, "delivered")
    assert len(calls) <= 7, calls


def test_a_sign_up_for_five_destinations_costs_fifteen_calls_at_most(relay: Relay) -> None:
    _signed_up(relay, destinations=5)
    calls = _posted(relay, "delivered")
    assert len(calls) <= 15, calls


def test_a_vendor_is_asked_after_four_round_trips_at_most(relay: Relay) -> None:
    _signed_up(relay)
    pulse = relay.twins["pulse"]
    seen = len(pulse.requests)
    with dynamodb_calls(until=lambda: len(pulse.requests) > seen) as calls:
        relay.post("newsletter", {"email": "ada@example.com", "news": True})
    one_after_the_other = [call for call in calls if "consent#" not in call]  # the receipt has a thread of its own
    assert len(one_after_the_other) <= 4, calls


@pytest.mark.parametrize("reason", ["open", "held", "paused"])
def test_a_look_at_a_waiting_message_costs_one_call_at_most(
    relay: Relay, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRCUIT_RECOVERY_SECONDS", "600")
    _signed_up(relay)
    pulse = relay.twins["pulse"]
    if reason == "held":
        pulse.fail("status", status=401)
    elif reason == "paused":
        pulse.fail("status", status=429, retry_after=60)
    else:
        pulse.options.down = True
    for number in range(4):
        relay.post("newsletter", {"email": f"bob{number}@example.com"})
    asked = len(pulse.requests)
    record = event("retry")["Records"][0]
    record["body"] = json.dumps({**relay.queued()[-1], "not_before": 0})
    record["attributes"]["SentTimestamp"] = str(relay.queued()[-1]["queued_at"])
    with dynamodb_calls() as calls:
        assert relay.retry({"Records": [record]}) == [record["messageId"]]
    assert len(pulse.requests) == asked
    assert len(calls) <= 1, calls


def test_a_retry_that_delivers_costs_four_calls_at_most(relay: Relay) -> None:
    _signed_up(relay)
    relay.twins["pulse"].fail("status", status=503)
    _posted(relay, "accepted")
    with dynamodb_calls() as calls:
        assert relay.retry_waiting() == []
    assert len(relay.twins["pulse"].contacts()) == 2
    assert len(calls) <= 4, calls
