"""What becomes of a message of the retry queue, outcome by outcome."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from typing import Any

import pytest

from functions.retry.handler import consumer
from shared.aws.dynamodb import DynamoDBTable, Item
from shared.aws.limits import MAX_DELAY_SECONDS
from shared.contact import Contact
from shared.delivery.outcome_for import MOST_DEFECTS
from shared.errors import LedgerUnavailable
from shared.ledger import erasures
from shared.queue.messages import VERSION
from shared.settings import Settings
from tests.support.dynamodb_calls import dynamodb_calls
from tests.support.outages import gone
from tests.support.relay import Relay, event

FORM = """
title = "News"
allowed_origins = ["https://www.example.com"]

[fields.email]
type = "email"
required = true

[[destinations]]
name = "pulse-consumer"
vendor = "pulse"
action = "upsert"
options = { source = 7 }
"""
DAY = 86_400_000


@pytest.fixture
def news(relay: Relay) -> Relay:
    relay.form("news", FORM)
    relay.twin("pulse", "pulse-consumer")
    return relay


def _record(number: int = 1, *, sent: int | None = None, **changes: Any) -> dict[str, Any]:
    """Make a record of a sign-up that has just been queued, changed as told."""
    now = int(time.time() * 1000)
    message = {
        "version": VERSION,
        "destination": "pulse-consumer",
        "submission": {
            "id": f"s-{number}",
            "form": "news",
            "received_at": now,
            "contact": {"email": f"ada{number}@example.com"},
        },
        "first_failed_at": now,
        "queued_at": now,
        **changes,
    }
    record: dict[str, Any] = json.loads(json.dumps(event("retry")["Records"][0]))
    record["messageId"] = f"m-{number}"
    record["body"] = json.dumps(message)
    record["attributes"]["SentTimestamp"] = str(sent or now)
    return record


def _queued_an_hour_ago(record: dict[str, Any]) -> dict[str, Any]:
    record["attributes"]["SentTimestamp"] = str(int(time.time() * 1000) - 3_600_000)
    return record


def _reasons(relay: Relay) -> list[str]:
    answer = relay.sqs.receive_message(
        QueueUrl=relay.dead_letters, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [letter["MessageAttributes"]["reason"]["StringValue"] for letter in answer.get("Messages", [])]


def test_a_delivered_message_is_done(news: Relay) -> None:
    assert news.retry({"Records": [_record()]}) == []
    assert len(news.twins["pulse"].contacts()) == 1


def test_a_transient_failure_stays(news: Relay) -> None:
    news.twins["pulse"].options.down = True
    assert news.retry({"Records": [_record()]}) == ["m-1"]
    assert news.buried() == []


def test_refused_data_is_dead_lettered_with_its_reason(news: Relay) -> None:
    news.twins["pulse"].fail("status", status=422)
    assert news.retry({"Records": [_record()]}) == []
    assert _reasons(news) == ["refused"]


def test_who_has_no_address_for_the_destination_is_skipped_and_alarms_nobody(news: Relay) -> None:
    record = _record()
    body = json.loads(record["body"])
    body["submission"]["contact"] = {"phone": "+15165550142"}
    assert news.retry({"Records": [{**record, "body": json.dumps(body)}]}) == []
    assert (news.buried(), news.twins["pulse"].requests) == ([], [])


def test_a_dead_letter_that_sqs_does_not_take_stays_where_it_is(news: Relay) -> None:
    news.twins["pulse"].fail("status", status=422, count=2)
    with gone("sqs.SendMessageBatch"):
        assert news.retry({"Records": [_record()]}) == ["m-1"]
    assert news.buried() == []
    assert news.retry({"Records": [_record()]}) == []
    assert _reasons(news) == ["refused"]


def test_a_delay_that_cannot_be_set_leaves_the_queues_own(news: Relay) -> None:
    news.twins["pulse"].options.down = True
    with gone("sqs.ChangeMessageVisibility"):
        assert news.retry({"Records": [_record()]}) == ["m-1"]


def test_without_the_ledger_nothing_is_delivered_unguarded_and_nothing_given_up(news: Relay) -> None:
    with gone("dynamodb"):
        assert news.retry({"Records": [_record(sent=int(time.time() * 1000) - 5 * DAY)]}) == ["m-1"]
    assert news.twins["pulse"].requests == []
    assert news.buried() == []


def test_even_without_the_ledger_no_message_is_left_for_the_queue_to_drop(news: Relay) -> None:
    with gone("dynamodb"):
        assert news.retry({"Records": [_record(sent=int(time.time() * 1000) - int(9.9 * DAY))]}) == []
    assert _reasons(news) == ["exhausted-ledger-unavailable"]


def test_when_every_record_fails_all_are_named_and_nothing_is_raised(news: Relay) -> None:
    news.twins["pulse"].options.down = True
    assert sorted(news.retry({"Records": [_record(number) for number in range(1, 4)]})) == ["m-1", "m-2", "m-3"]


def test_a_replayed_message_has_its_whole_time_again(news: Relay) -> None:
    news.twins["pulse"].options.down = True
    old = int(time.time() * 1000) - 9 * DAY
    assert news.retry({"Records": [_record(first_failed_at=old)]}) == ["m-1"]
    assert news.buried() == []


def test_a_fault_of_ours_is_retried_a_few_times_and_then_parked_for_a_person(
    news: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("shared.vendors.pulse.upsert.PulseUpsert.deliver", broken)
    for _ in range(MOST_DEFECTS - 1):
        assert news.retry({"Records": [_record()]}) == ["m-1"]
    assert news.buried() == []
    assert news.retry({"Records": [_record()]}) == []
    assert _reasons(news) == ["defect"]


def test_a_fault_of_ours_before_a_delivery_fails_that_message_alone_and_rings(
    news: Relay, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = erasures.covers

    def covers(items: Any, people: Any, received_at: int) -> bool:
        if received_at == 1:
            raise ZeroDivisionError
        return real(items, people, received_at)

    monkeypatch.setattr(erasures, "covers", covers)
    broken = _record(1)
    body = json.loads(broken["body"])
    body["submission"]["received_at"] = 1
    assert news.retry({"Records": [{**broken, "body": json.dumps(body)}, _record(2)]}) == ["m-1"]
    assert len(news.twins["pulse"].contacts()) == 1
    assert '"Defect"' in capsys.readouterr().out


def test_ten_messages_of_one_person_are_written_in_their_order_without_waiting_for_one_another(news: Relay) -> None:
    now = int(time.time() * 1000)
    records = [_record(number) for number in range(10)]
    for number, record in enumerate(records):
        body = json.loads(record["body"])
        contact = {"email": "ada@example.com", "first_name": f"Ada{number}"}
        body["submission"] |= {"contact": contact, "received_at": now + number}
        record["body"] = json.dumps(body)
    with dynamodb_calls() as calls:
        assert news.retry({"Records": records[::-1]}) == []
    assert [contact["firstName"] for contact in news.twins["pulse"].contacts()] == ["Ada9"]
    assert len([call for call in calls if call.startswith("UpdateItem") and "person#" in call]) == 20, calls


def test_where_too_many_messages_are_in_flight_they_are_sent_again_with_a_delay(
    news: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.queue.queues.CROWDED_IN_FLIGHT", -1)
    news.twins["pulse"].options.down = True
    record = _record()
    assert news.retry({"Records": [record]}) == [], "SQS forgets this copy"
    [copy] = news.queued()
    original = json.loads(record["body"])
    assert copy["submission"]["id"] == original["submission"]["id"]
    assert (copy["queued_at"], copy["first_failed_at"]) == (original["queued_at"], original["first_failed_at"])
    assert copy["not_before"] > (time.time() + MAX_DELAY_SECONDS - 60) * 1000, (
        "a copy's waits do not grow, so they are long"
    )


def test_messages_of_a_broken_form_wait_for_the_mended_one(news: Relay) -> None:
    news.form("news", "colour = 'green'")
    assert news.retry({"Records": [_record()]}) == ["m-1"]
    assert news.buried() == []


def test_a_message_for_a_destination_that_is_gone_waits_an_hour_for_a_deployment(news: Relay) -> None:
    assert news.retry({"Records": [_record(1, destination="gone"), _record(2)]}) == ["m-1"]
    assert news.buried() == []
    assert news.retry({"Records": [_queued_an_hour_ago(_record(1, destination="gone"))]}) == []
    assert _reasons(news) == ["unknown-destination"]


def test_a_message_of_newer_code_waits_an_hour_for_that_code(news: Relay) -> None:
    assert news.retry({"Records": [_record(version=VERSION + 1)]}) == ["m-1"]
    assert news.buried() == []
    assert news.retry({"Records": [_queued_an_hour_ago(_record(version=VERSION + 1))]}) == []
    assert _reasons(news) == ["newer-version"]


def test_a_record_that_comes_too_late_in_its_invocation_is_left_for_the_next(news: Relay) -> None:
    news.clock.seconds = 3
    assert news.retry({"Records": [_record()]}) == ["m-1"]
    assert news.twins["pulse"].requests == []


def _forget(email: str) -> None:
    """Leave the mark of an erasure."""
    composed = consumer(Settings.from_environment(os.environ))
    erasures.mark(composed.table, composed.hasher.of_contact(Contact(email=email)))


def test_of_a_batch_only_what_the_forgotten_person_sent_is_dropped(news: Relay) -> None:
    records = [_record(number) for number in range(1, 4)]
    _forget("ada2@example.com")
    assert news.retry({"Records": records}) == []
    written = json.dumps(news.twins["pulse"].contacts())
    assert [f"ada{number}@example.com" in written for number in (1, 2, 3)] == [True, False, True]


def test_a_batch_asks_once_who_was_forgotten(news: Relay) -> None:
    records = [_record(number) for number in range(10)]
    with dynamodb_calls() as calls:
        assert news.retry({"Records": records}) == []
    assert len([call for call in calls if call.startswith("BatchGetItem")]) == 1, calls


def test_where_the_ledger_cannot_tell_of_a_whole_batch_each_message_asks_for_itself(
    news: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DynamoDBTable.get_many

    def get_many(table: DynamoDBTable, keys: Iterable[str]) -> dict[str, Item]:
        wanted = list(keys)
        if len(wanted) > 3:
            raise LedgerUnavailable("DynamoDB left keys unprocessed")
        return real(table, wanted)

    monkeypatch.setattr(DynamoDBTable, "get_many", get_many)
    records = [_record(number) for number in range(1, 6)]
    _forget("ada2@example.com")
    assert news.retry({"Records": records}) == []
    assert len(news.twins["pulse"].contacts()) == 4


def test_an_empty_batch_is_no_work(news: Relay) -> None:
    assert news.retry({"Records": []}) == []
