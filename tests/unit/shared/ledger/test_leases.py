from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.deadline import Deadline
from shared.errors import LeaseBusy, LeaseLost, LedgerUnavailable
from shared.ledger.leases import LEASE_MARGIN_SECONDS, REMEMBERED_SECONDS, Lease, Ledger
from tests.support.clock import Clock
from tests.unit.conftest import Table

KEY = "person#pulse-us#abc"
NO_PATIENCE = Deadline.after(0)


@pytest.fixture
def ledger(table: Table, clock: Clock) -> Ledger:
    return Ledger(table.client, table.name, clock)


def _seconds(seconds: float) -> Deadline:
    """Return a deadline that stands still."""
    return Deadline(seconds, lambda: 0.0)


def test_a_lease_keeps_others_off_until_it_is_released(ledger: Ledger) -> None:
    lease = ledger.lease(KEY, set(), _seconds(8))
    with pytest.raises(LeaseBusy) as busy:
        ledger.lease(KEY, set(), NO_PATIENCE)
    assert busy.value.retry_after == pytest.approx(8 + LEASE_MARGIN_SECONDS)
    ledger.release(lease)
    ledger.lease(KEY, set(), NO_PATIENCE)


def test_people_and_destinations_do_not_wait_for_each_other(ledger: Ledger) -> None:
    ledger.lease(KEY, set(), _seconds(8))
    ledger.lease("person#pulse-us#def", set(), NO_PATIENCE)
    ledger.lease("person#yespo#abc", set(), NO_PATIENCE)


def test_a_lease_of_a_crashed_process_expires_shortly_after_its_delivery_could_have_run(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.lease(KEY, set(), _seconds(8))
    clock.advance(8 + LEASE_MARGIN_SECONDS)
    with pytest.raises(LeaseBusy):
        ledger.lease(KEY, set(), NO_PATIENCE)
    clock.advance(0.01)
    ledger.lease(KEY, set(), NO_PATIENCE)


def test_a_lease_that_ran_out_and_was_taken_can_neither_write_nor_release(
    ledger: Ledger, clock: Clock, table: Table
) -> None:
    late = ledger.lease(KEY, set(), _seconds(1))
    clock.advance(10)
    newer = ledger.lease(KEY, set(), _seconds(8))
    with pytest.raises(LeaseLost):
        late.mark("create")
    late.contact_id = "17"
    with pytest.raises(LeaseLost):
        ledger.release(late)
    assert table.item(KEY)["lease_owner"] == newer.owner
    assert "contact_id" not in table.item(KEY)


def test_a_lease_that_ran_out_but_was_not_taken_can_still_be_released(ledger: Ledger, clock: Clock) -> None:
    late = ledger.lease(KEY, set(), _seconds(1))
    clock.advance(10)
    late.contact_id = "17"
    ledger.release(late)
    assert ledger.lease(KEY, set(), NO_PATIENCE).contact_id == "17"


def test_what_a_delivery_learned_is_there_for_the_next_one(ledger: Ledger, clock: Clock) -> None:
    lease = ledger.lease(KEY, {"hash-of-email"}, _seconds(8))
    lease.contact_id = "17"
    lease.details = {"Groups": [{"GroupId": "é"}], "price": 1.5}
    lease.fields = {"first_name": "000#a"}
    lease.forms = {"news": "000#a"}
    lease.tries = {"s-1": 3}
    lease.mark("subscribe", "digest")
    ledger.release(lease)
    again = ledger.lease(KEY, set(), _seconds(8))
    assert (again.contact_id, again.details) == ("17", {"Groups": [{"GroupId": "é"}], "price": 1.5})
    assert (again.fields, again.forms, again.tries) == ({"first_name": "000#a"}, {"news": "000#a"}, {"s-1": 3})
    assert again.attempted("subscribe", "digest") is not None
    assert not again.permanent


def test_an_erasure_finds_the_item_by_every_address_that_was_ever_used(ledger: Ledger, table: Table) -> None:
    ledger.release(ledger.lease(KEY, {"email"}, _seconds(1)))
    ledger.release(ledger.lease(KEY, {"phone"}, _seconds(1)))
    assert table.item(KEY)["people"] == {"email", "phone"}


def test_a_write_is_on_record_before_it_is_sent_and_survives_a_crash(ledger: Ledger, clock: Clock) -> None:
    lease = ledger.lease(KEY, set(), _seconds(1))
    assert lease.attempted("create") is None
    assert lease.mark("create").count == 1
    clock.advance(60)
    found = ledger.lease(KEY, set(), _seconds(1)).attempted("create")
    assert found is not None
    assert (found.at, found.count) == (clock.now - 60, 1)
    assert found.over == clock.now - 59, "until the deadline the vendor may have worked on it"


def test_a_repeated_write_is_counted_and_a_settled_one_forgotten(ledger: Ledger, clock: Clock) -> None:
    lease = ledger.lease(KEY, set(), _seconds(1))
    lease.mark("create")
    clock.advance(2)
    assert lease.mark("create").count == 2
    lease.mark("create", "other")
    lease.settle("create")
    lease.settle("never marked")
    ledger.release(lease)
    again = ledger.lease(KEY, set(), _seconds(1))
    assert again.attempted("create") is None
    assert again.attempted("create", "other") is not None


def test_a_person_is_forgotten_half_a_year_after_the_last_delivery(ledger: Ledger, clock: Clock, table: Table) -> None:
    ledger.release(ledger.lease(KEY, set(), _seconds(1)))
    assert table.item(KEY)["expiration"] == int(clock.now) + REMEMBERED_SECONDS


def test_a_record_that_nobody_else_holds_is_kept_for_ever(ledger: Ledger, table: Table) -> None:
    ledger.release(ledger.lease(KEY, set(), _seconds(1)))
    lease = ledger.lease(KEY, set(), _seconds(1))
    lease.details, lease.permanent = {"whole": "record"}, True
    ledger.release(lease)
    assert "expiration" not in table.item(KEY)
    again = ledger.lease(KEY, set(), _seconds(1))
    assert again.permanent
    ledger.release(again)
    assert "expiration" not in table.item(KEY)


def test_an_id_that_proved_wrong_is_forgotten(ledger: Ledger) -> None:
    lease = ledger.lease(KEY, set(), _seconds(1))
    lease.contact_id = "17"
    ledger.release(lease)
    lease = ledger.lease(KEY, set(), _seconds(1))
    lease.contact_id = None
    ledger.release(lease)
    assert ledger.lease(KEY, set(), _seconds(1)).contact_id is None


def test_a_busy_person_is_waited_for_until_half_of_the_time_is_gone(table: Table) -> None:
    slept: list[float] = []
    first: list[Lease] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if first and sum(slept) > 0.3:
            patient.release(first.pop())

    patient = Ledger(table.client, table.name, sleep=sleep)
    first.append(patient.lease(KEY, set(), _seconds(5)))
    patient.lease(KEY, set(), Deadline(2, lambda: sum(slept)))
    assert 0.3 < sum(slept) < 0.5
    slept.clear()
    with pytest.raises(LeaseBusy):
        patient.lease(KEY, set(), Deadline(0.6, lambda: sum(slept)))
    assert 0.15 < sum(slept) <= 0.3


def test_a_lease_whose_answer_was_lost_is_ours_when_the_call_is_repeated(table: Table, clock: Clock) -> None:
    class Forgetful:
        """Carries out the first call twice, as botocore does when the first answer is lost."""

        def update_item(self, **call: Any) -> Any:
            table.client.update_item(**call)
            return table.client.update_item(**call)

    ledger = Ledger(cast("Any", Forgetful()), table.name, clock)
    assert ledger.lease(KEY, set(), _seconds(8)).owner


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (ClientError({"Error": {"Code": "Throttling", "Message": "sentinel"}}, "x"), "DynamoDB answered Throttling"),
        (ClientError({}, "x"), "DynamoDB answered unknown"),
        (ReadTimeoutError(endpoint_url="https://sentinel"), "DynamoDB: ReadTimeoutError"),
    ],
)
def test_every_failure_of_dynamodb_is_one_error_that_quotes_nothing(
    failure: Exception, text: str, table: Table, clock: Clock
) -> None:
    class Broken:
        def update_item(self, **_: Any) -> Any:
            raise failure

    lease = Ledger(table.client, table.name, clock).lease(KEY, set(), _seconds(8))
    lease.ledger = broken = Ledger(cast("Any", Broken()), table.name, clock)
    for call in (
        lambda: broken.lease(KEY, set(), _seconds(8)),
        lambda: lease.mark("create"),
        lambda: broken.release(lease),
    ):
        with pytest.raises(LedgerUnavailable) as caught:
            call()
        assert str(caught.value) == text
