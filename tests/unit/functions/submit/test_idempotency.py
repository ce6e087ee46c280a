"""Once: the same sign-up sent again gets the first answer; a failed one leaves nothing behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.submit.idempotency import Answer, Key, Once
from functions.submit.refusal import Refusal
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from shared.deadline import Deadline
from shared.errors import LedgerUnavailable
from shared.ledger.person_hashing import People
from tests.unit.conftest import Table


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


@pytest.fixture
def once(table: Table, people: People) -> Once:
    return Once(table.client, table.name, people)


def run(once: Once, work: Work, payload: str = "ada", key: str | None = None, **more: Any) -> Answer:
    arguments = {"form_id": "newsletter", "dedupe_seconds": 300, "deadline": Deadline.after(2), **more}
    return once.run(
        key=Key(key) if key else None,
        payload=payload,
        work=work,
        context=cast("LambdaContext", Context()),
        **cast("Any", arguments),
    )


def test_the_same_values_get_the_first_answer(once: Once) -> None:
    work = Work()
    assert run(once, work) == run(once, work) == {"submissionId": "1", "status": "delivered"}


def test_other_values_or_another_form_are_another_sign_up(once: Once) -> None:
    work = Work()
    run(once, work)
    run(once, work, payload="bob")
    run(once, work, form_id="contact")
    assert work.runs == 3


def test_without_deduplication_every_sign_up_counts(once: Once) -> None:
    work = Work()
    run(once, work, dedupe_seconds=0)
    run(once, work, dedupe_seconds=0)
    assert work.runs == 2


def test_the_same_key_gets_the_first_answer_without_deduplication(once: Once) -> None:
    work = Work()
    assert run(once, work, key="k", dedupe_seconds=0) == run(once, work, key="k", dedupe_seconds=0)
    assert work.runs == 1


def test_another_key_with_the_same_values_gets_the_first_answer_too(once: Once) -> None:
    work = Work()
    assert run(once, work, key="k") == run(once, work, key="l") == run(once, work)


def test_the_same_key_with_other_values_is_a_conflict(once: Once) -> None:
    work = Work()
    run(once, work, key="k")
    with pytest.raises(Refusal) as refused:
        run(once, work, payload="bob", key="k")
    assert refused.value.kind == "idempotency-conflict"
    assert work.runs == 1


def test_keys_of_two_forms_do_not_meet(once: Once) -> None:
    work = Work()
    run(once, work, key="k")
    run(once, work, key="k", payload="bob", form_id="contact")
    assert work.runs == 2


@pytest.mark.parametrize("key", ["k", None])
def test_where_nothing_was_accepted_nothing_is_remembered(once: Once, key: str | None) -> None:
    def refuse() -> None:
        raise Refusal("not-accepted")

    with pytest.raises(Refusal):
        run(once, Work(refuse), key=key)
    assert run(once, Work(), key=key)["submissionId"] == "1"


@pytest.mark.parametrize("key", ["k", None])
def test_a_second_waits_for_a_first_that_is_under_way(once: Once, key: str | None) -> None:
    started, may_end = threading.Event(), threading.Event()

    def slowly() -> None:
        started.set()
        may_end.wait(5)

    work = Work(slowly)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(run, once, work, key=key)
        started.wait(5)
        second = threads.submit(run, once, work, key=key)
        time.sleep(0.3)
        assert not second.done()
        may_end.set()
        assert first.result() == second.result()
    assert work.runs == 1


def test_a_second_waits_until_the_first_has_queued_what_it_could_not_deliver(once: Once) -> None:
    deadline = Deadline.after(0.2)
    work = Work(lambda: time.sleep(0.5))
    with ThreadPoolExecutor() as threads:
        first, second = (threads.submit(run, once, work, deadline=deadline) for _ in range(2))
        assert first.result() == second.result()
    assert work.runs == 1


def test_a_second_that_runs_out_of_time_is_asked_to_come_again(once: Once) -> None:
    def meanwhile() -> None:
        with pytest.raises(Refusal) as refused:
            run(once, Work(), deadline=Deadline.after(0.2 - LONGEST_CALL_SECONDS))
        assert refused.value.kind == "not-accepted"

    run(once, Work(meanwhile))


def test_a_ledger_that_fails_first_says_so_before_any_work(table: Table, people: People) -> None:
    work = Work()
    with pytest.raises(LedgerUnavailable):
        run(Once(table.client, "another-table", people), work, key="k")
    assert work.runs == 0


def test_a_ledger_that_fails_afterwards_does_not_hide_what_was_done(once: Once, table: Table) -> None:
    work = Work(lambda: table.client.delete_table(TableName=table.name))
    assert run(once, work, key="k") == {"submissionId": "1", "status": "delivered"}


def test_a_ledger_that_fails_afterwards_does_not_hide_a_refusal(once: Once, table: Table) -> None:
    def refuse() -> None:
        table.client.delete_table(TableName=table.name)
        raise Refusal("not-accepted")

    with pytest.raises(Refusal, match="not-accepted"):
        run(once, Work(refuse), key="k")


def test_the_ledger_holds_neither_keys_nor_values(once: Once, table: Table) -> None:
    run(once, Work(), payload="ada@example.com", key="ada-key")
    stored = str(table.client.scan(TableName=table.name)["Items"])
    assert "ada" not in stored
