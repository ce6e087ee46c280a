"""One lost answer of DynamoDB: the sign-up is neither doubled, nor sent for ever, nor left unguarded.

`make oldest-boto` runs this file on the oldest botocore that pyproject.toml allows.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError

from shared.aws import clients
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.support.lost_answers import answers_lost
from tests.support.relay import Relay

ADA = {"email": "ada@example.com"}
URL = "https://dynamodb.us-east-1.amazonaws.com/"
LOST: dict[str, Callable[[], HTTPClientError]] = {
    "connection closed": lambda: ConnectionClosedError(endpoint_url=URL),
    "connection reset": lambda: HTTPClientError(error=ConnectionResetError(104, "Connection reset by peer")),
    "read timed out": lambda: ReadTimeoutError(endpoint_url=URL),
}
KEY, PAYLOAD = "key#newsletter", "payload#newsletter"


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    relay.form("newsletter", newsletter("", EMAIL))
    relay.twin("pulse", "pulse-us")


def delivered(relay: Relay) -> int:
    return len(relay.twins["pulse"].writes())


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("record", [KEY, PAYLOAD])
def test_a_visitor_whose_record_was_written_but_not_confirmed_is_served_at_once(
    relay: Relay, record: str, lost: str
) -> None:
    with answers_lost("dynamodb.PutItem", record, LOST[lost]()) as losses:
        answer = relay.post("newsletter", ADA, headers={"idempotency-key": "k"})

    assert (answer.status, answer.json["status"]) == (200, "delivered")
    assert losses.sent == 2, "the put and one repeat; nobody waited for the record"
    assert relay.queued() == [], "the sign-up went on guarded"


def test_a_repeat_of_that_sign_up_gets_its_answer(relay: Relay) -> None:
    with answers_lost("dynamodb.PutItem", PAYLOAD, LOST["connection closed"]()):
        first = relay.post("newsletter", ADA)

    assert relay.post("newsletter", ADA).json == first.json
    assert delivered(relay) == 1


def test_an_answer_that_arrives_is_never_asked_for_again(relay: Relay) -> None:
    with answers_lost("dynamodb.PutItem", PAYLOAD, LOST["connection closed"](), times=0) as losses:
        relay.post("newsletter", ADA)

    assert losses.sent == 1


def test_without_any_answer_the_sign_up_is_queued_once(relay: Relay) -> None:
    with answers_lost("dynamodb.PutItem", PAYLOAD, LOST["connection closed"](), times=9) as losses:
        answer = relay.post("newsletter", ADA)

    assert (answer.status, losses.sent) == (202, 2)
    assert len(relay.queued()) == 1
    assert delivered(relay) == 0


def test_a_lost_answer_never_makes_another_sign_ups_record_ours(relay: Relay) -> None:
    """Both puts of the second sign-up meet the first one's record, although the second got no answer to its first."""
    first = relay.post("newsletter", ADA)
    with answers_lost("dynamodb.PutItem", PAYLOAD, LOST["connection closed"]()) as losses:
        second = relay.post("newsletter", ADA)

    assert losses.sent == 2
    assert second.json == first.json
    assert delivered(relay) == 1


def test_a_client_that_saw_a_call_hang_is_not_kept_for_the_next_test(relay: Relay) -> None:
    """It fails at once for a while, which the next test would take for an outage."""
    before = clients.dynamodb()
    assert clients.dynamodb() is before
    with answers_lost("dynamodb.PutItem", PAYLOAD, LOST["read timed out"]()):
        pass
    assert clients.dynamodb() is not before
