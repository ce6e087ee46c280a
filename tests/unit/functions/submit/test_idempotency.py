"""Idempotency: the same sign-up sent again gets the first answer; a failed one leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.submit.idempotency import Answer, Idempotency, Key, Sameness
from functions.submit.idempotency_records import MAX_WAITERS, IdempotencyRecords
from functions.submit.refusal import Refusal
from shared.aws.dynamodb import DynamoDBTable
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from shared.deadline import Deadline
from shared.errors import LedgerUnavailable
from shared.ledger.person_hashing import PersonHasher
from tests.support.clock import Clock
from tests.support.personal_data import is_named


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 10_000


class Work:
    """Counts its runs; answers with the number of the run."""

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.runs = 0
        self._before = before

    def __call__(self) -> Answer:
        self.runs += 1
        self._before()
        return {"submissionId": str(self.runs), "status": "delivered"}


class Pauses:
    """Sleeps in no time, and counts; a test may let something happen during a pause."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.meanwhile()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def once(dynamodb_table: DynamoDBTable, people: PersonHasher, pauses: Pauses) -> Idempotency:
    return Idempotency(dynamodb_table.client, dynamodb_table.name, people, sleep=pauses)


def run(once: Idempotency, work: Work, payload: str = "ada", key: str | None = None, **more: Any) -> Answer:
    deadline = more.pop("deadline", None) or Deadline.after(2)
    arguments: dict[str, Any] = {"scope": "newsletter", "dedupe_seconds": 300, **more}
    same = Sameness(payload=payload, key=Key(key) if key else None, **arguments)
    return once.run(same, work, deadline, cast("LambdaContext", Context()))


def test_the_same_values_get_the_first_answer(once: Idempotency) -> None:
    work = Work()
    assert run(once, work) == run(once, work) == {"submissionId": "1", "status": "delivered"}


def test_other_values_or_another_form_are_another_sign_up(once: Idempotency) -> None:
    work = Work()
    run(once, work)
    run(once, work, payload="bob")
    run(once, work, scope="contact")
    assert work.runs == 3


def test_without_deduplication_every_sign_up_counts(once: Idempotency) -> None:
    work = Work()
    run(once, work, dedupe_seconds=0)
    run(once, work, dedupe_seconds=0)
    assert work.runs == 2


def test_the_same_key_gets_the_first_answer_without_deduplication(once: Idempotency) -> None:
    work = Work()
    assert run(once, work, key="k", dedupe_seconds=0) == run(once, work, key="k", dedupe_seconds=0)
    assert work.runs == 1


def test_another_key_with_the_same_values_gets_the_first_answer_too(once: Idempotency) -> None:
    work = Work()
    assert run(once, work, key="k") == run(once, work, key="l") == run(once, work)


def test_the_same_key_with_other_values_is_a_conflict(once: Idempotency) -> None:
    work = Work()
    run(once, work, key="k")
    with pytest.raises(Refusal) as refused:
        run(once, work, payload="bob", key="k")
    assert refused.value.kind == "idempotency-conflict"
    assert work.runs == 1


def test_keys_of_two_forms_do_not_meet(once: Idempotency) -> None:
    work = Work()
    run(once, work, key="k")
    run(once, work, key="k", payload="bob", scope="contact")
    assert work.runs == 2


@pytest.mark.parametrize("key", ["k", None])
def test_where_nothing_was_accepted_nothing_is_remembered(once: Idempotency, key: str | None) -> None:
    def refuse() -> None:
        raise Refusal("not-accepted")

    with pytest.raises(Refusal):
        run(once, Work(refuse), key=key)
    assert run(once, Work(), key=key)["submissionId"] == "1"


@pytest.mark.parametrize("key", ["k", None])
def test_a_second_waits_for_a_first_that_is_under_way(once: Idempotency, pauses: Pauses, key: str | None) -> None:
    waits, may_end = threading.Event(), threading.Event()

    def pause() -> None:
        waits.set()
        may_end.wait(20)

    pauses.meanwhile = pause
    with ThreadPoolExecutor() as threads:

        def meanwhile() -> None:
            seconds.append(threads.submit(run, once, work, key=key))
            assert waits.wait(20)

        seconds: list[Future[Answer]] = []
        work = Work(meanwhile)
        first = run(once, work, key=key)
        may_end.set()
        assert seconds[0].result(20) == first
    assert work.runs == 1


def test_a_second_asks_after_growing_pauses(once: Idempotency, pauses: Pauses) -> None:
    clock = Clock()
    pauses.meanwhile = lambda: clock.advance(pauses.seconds[-1])

    def meanwhile() -> None:
        with pytest.raises(Refusal):
            run(once, Work(), deadline=Deadline.after(3 - LONGEST_CALL_SECONDS, clock))

    run(once, Work(meanwhile))
    assert pauses.seconds == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, pytest.approx(0.45)], "never beyond its own time"


def test_a_second_waits_until_the_first_has_queued_what_it_could_not_deliver(once: Idempotency, pauses: Pauses) -> None:
    clock = Clock()
    deadline = Deadline.after(1, clock)
    pauses.meanwhile = lambda: clock.advance(pauses.seconds[-1])

    def meanwhile() -> None:
        with pytest.raises(Refusal, match="not-accepted"):
            run(once, Work(), deadline=deadline)
        assert clock() >= deadline.at + LONGEST_CALL_SECONDS

    run(once, Work(meanwhile))


def test_a_crowd_on_one_sign_up_is_told_to_come_again_at_once(once: Idempotency, pauses: Pauses) -> None:
    def come_again() -> None:
        with pytest.raises(Refusal, match="not-accepted"):
            run(once, Work(), deadline=Deadline.after(-LONGEST_CALL_SECONDS + 0.01))

    def meanwhile() -> None:
        for _ in range(MAX_WAITERS):
            come_again()
        waited = len(pauses.seconds)
        for _ in range(20):
            with pytest.raises(Refusal, match="not-accepted"):
                run(once, Work())
        assert len(pauses.seconds) == waited

    run(once, Work(meanwhile))


def test_places_to_wait_are_free_again_for_the_next_sign_up(once: Idempotency, pauses: Pauses) -> None:
    for _ in range(MAX_WAITERS + 1):

        def meanwhile() -> None:
            with pytest.raises(Refusal, match="not-accepted"):
                run(once, Work(), deadline=Deadline.after(-LONGEST_CALL_SECONDS + 0.01))
            raise Refusal("not-accepted")

        with pytest.raises(Refusal):
            run(once, Work(meanwhile))
    assert run(once, Work())["submissionId"] == "1"


def test_a_ledger_that_fails_first_says_so_before_any_work(dynamodb_table: DynamoDBTable, people: PersonHasher) -> None:
    work = Work()
    with pytest.raises(LedgerUnavailable):
        run(Idempotency(dynamodb_table.client, "another-table", people), work, key="k")
    assert work.runs == 0


def test_a_ledger_that_fails_afterwards_does_not_hide_what_was_done(
    once: Idempotency, dynamodb_table: DynamoDBTable
) -> None:
    work = Work(lambda: dynamodb_table.client.delete_table(TableName=dynamodb_table.name))
    assert run(once, work, key="k") == {"submissionId": "1", "status": "delivered"}


def test_a_ledger_that_fails_afterwards_does_not_hide_a_refusal(
    once: Idempotency, dynamodb_table: DynamoDBTable
) -> None:
    def refuse() -> None:
        dynamodb_table.client.delete_table(TableName=dynamodb_table.name)
        raise Refusal("not-accepted")

    with pytest.raises(Refusal, match="not-accepted"):
        run(once, Work(refuse), key="k")


def test_the_ledger_holds_neither_keys_nor_values(once: Idempotency, dynamodb_table: DynamoDBTable) -> None:
    run(once, Work(), payload="ada@example.com", key="ada-key")
    stored = str(dynamodb_table.client.scan(TableName=dynamodb_table.name)["Items"])
    assert not is_named("ada", stored)


def test_sign_ups_share_their_store_since_each_would_burden_the_client_for_ever(
    once: Idempotency, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    class Counted(IdempotencyRecords):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            made.append(self)
            super().__init__(*arguments, **more)

    monkeypatch.setattr("functions.submit.idempotency.IdempotencyRecords", Counted)
    for number in range(5):
        run(once, Work(), payload=f"person {number}", key=f"key {number}")
    assert len(made) == 2, "one for keys, one for payloads"
