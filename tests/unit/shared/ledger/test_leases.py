"""Leases: one delivery at a time writes a person, and what it learned is there for the next one."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import Any
from unittest.mock import patch

import pytest

from shared.deadline import Deadline
from shared.errors import Defect, LeaseBusy, LeaseLost, LedgerUnavailable
from shared.ledger.leases import (
    LEASE_MARGIN_SECONDS,
    MAX_PEOPLE,
    NEVER,
    REMEMBERED_SECONDS,
    Claim,
    Leases,
    forget_failed_attempts,
)
from shared.person_record import KEPT_SECONDS, UNFINISHED, FailedAttempts, NoMemory, PersonRecord, VendorMemory
from tests.support.clock import Clock
from tests.support.memory_table import Killed, MemoryTable

KEY = "person#account#ada"
LAG = 30.0


class Whole(VendorMemory):
    """A record that cannot be read back from its vendor."""

    is_only_copy = True
    name: str = ""


class Ledger:
    """Takes leases in an environment whose pauses take no time."""

    def __init__(self, table: MemoryTable, clock: Clock) -> None:
        self._leases = Leases(table, LAG, clock, sleep=clock.advance, jitter=lambda: 0.5)
        self._table = table
        self._clock = clock

    def hold(
        self,
        key: str = KEY,
        *,
        seconds: float = 8,
        people: frozenset[str] = frozenset(),
        stamp: str = "1",
        names: frozenset[str] = frozenset(),
        memory: type[VendorMemory] = NoMemory,
    ) -> Any:
        claim = Claim(key, people, stamp, f"content of {stamp}", names, memory)
        return self._leases.hold(claim, Deadline.after(seconds, self._clock))

    def crash(self, **claim: Any) -> None:
        """Take a lease in a process that dies before it can release it."""
        with suppress(Killed), self.hold(**claim):
            self._table.kill_at_next_update()
        self._table.revive()


@pytest.fixture
def ledger(table: MemoryTable, clock: Clock) -> Ledger:
    return Ledger(table, clock)


def test_a_lease_keeps_others_off_until_it_is_released(ledger: Ledger) -> None:
    with ledger.hold(seconds=8), pytest.raises(LeaseBusy) as busy, ledger.hold(seconds=0):
        pytest.fail("two deliveries write one person at once")
    assert busy.value.retry_after == pytest.approx(8 + LEASE_MARGIN_SECONDS)
    with ledger.hold(seconds=0):
        pass


def test_people_and_accounts_do_not_wait_for_each_other(ledger: Ledger) -> None:
    with ledger.hold(), ledger.hold("person#account#bob", seconds=0), ledger.hold("person#other#ada", seconds=0):
        pass


def test_a_lease_of_a_crashed_process_expires_shortly_after_its_delivery_could_have_run(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.crash(seconds=8)
    clock.advance(8 + LEASE_MARGIN_SECONDS)
    with pytest.raises(LeaseBusy), ledger.hold(seconds=0):
        pytest.fail("the crashed process may still be writing")
    clock.advance(0.01)
    with ledger.hold(seconds=0):
        pass


def test_a_delivery_that_lost_its_lease_writes_nothing_over_the_newer_ones_record(
    ledger: Ledger, clock: Clock, table: MemoryTable
) -> None:
    late = ExitStack()
    late.enter_context(ledger.hold(seconds=1)).contact_id = "17"
    clock.advance(10)
    with ledger.hold(stamp="2") as newer:
        newer.contact_id = "18"
    with pytest.raises(LeaseLost):
        late.close()
    assert table.item(KEY)["contact_id"] == "18"


def test_a_lease_that_ran_out_but_was_not_taken_can_still_be_released(ledger: Ledger, clock: Clock) -> None:
    with ledger.hold(seconds=1) as late:
        clock.advance(10)
        late.contact_id = "17"
    with ledger.hold() as again:
        assert again.contact_id == "17"


def test_what_a_delivery_learned_is_there_for_the_next_one(ledger: Ledger, clock: Clock) -> None:
    with ledger.hold(memory=Whole) as record:
        record.contact_id = "17"
        record.memory = Whole(name="é")
        record.fields, record.forms = {"first_name": "1"}, {"pulse-us#news#": "1"}
        record.failed_attempts = {"s-1": FailedAttempts(3, clock.now)}
        record.record("subscribe", "digest")
    with ledger.hold(memory=Whole) as again:
        assert (again.contact_id, again.memory) == ("17", Whole(name="é"))
        assert (again.fields, again.forms) == ({"first_name": "1"}, {"pulse-us#news#": "1"})
        assert again.failed_attempts == {"s-1": FailedAttempts(3, clock.now)}
        assert again.find_recorded("subscribe", "digest") is not None


def test_when_a_contact_was_created_is_known_for_as_long_as_a_search_may_hide_it(ledger: Ledger, clock: Clock) -> None:
    with ledger.hold() as record:
        record.created_at = created_at = clock.now
    with ledger.hold() as again:
        assert again.created_at == created_at
    clock.advance(LAG)
    with ledger.hold():
        pass
    with ledger.hold() as later:
        assert later.created_at is None


def test_an_erasure_finds_the_item_by_every_address_that_was_ever_used(ledger: Ledger, table: MemoryTable) -> None:
    with ledger.hold(people=frozenset({"email"})):
        pass
    with ledger.hold(people=frozenset({"phone"})):
        pass
    assert table.item(KEY)["people"] == {"email", "phone"}


def test_any_number_of_sign_ups_with_other_phones_neither_block_a_person_nor_hide_them_from_an_erasure(
    ledger: Ledger, table: MemoryTable
) -> None:
    phones = [f"{number:032x}" for number in range(3 * MAX_PEOPLE)]
    for phone in phones:
        with ledger.hold(people=frozenset({"email", phone})):
            pass
    assert len(table.item(KEY)["people"]) <= MAX_PEOPLE + 2
    links = [link for link in table.items("link#") if link["person"] == KEY]
    found = table.item(KEY)["people"].union(*(link["people"] for link in links))
    assert found == {"email", *phones}
    assert all(link["expiration"] for link in links)


def test_an_item_that_many_hashes_were_put_into_before_is_brought_back_to_size(
    ledger: Ledger, table: MemoryTable
) -> None:
    table.put({"id": KEY, "people": {f"{number:032x}" for number in range(11_000)}})
    with ledger.hold(people=frozenset({"email"})):
        pass
    assert len(table.item(KEY)["people"]) <= MAX_PEOPLE + 1
    assert len(table.items("link#")) + len(table.item(KEY)["people"]) == 11_001


def test_a_lease_that_was_never_released_tells_that_its_sign_up_may_have_been_written(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.crash(seconds=1, names=frozenset({"first_name"}))
    clock.advance(60)
    with ledger.hold(stamp="2") as record:
        (write,) = record.unconfirmed
        assert (write.kind, write.stamp, write.count) == (UNFINISHED, "1", 1)
        assert (write.sent_at, write.over_at) == (clock.now - 60, clock.now - 59 + LEASE_MARGIN_SECONDS)
        assert record.fields == {"first_name": "1"}, "an older sign-up must not overwrite it"


def test_two_crashes_of_one_sign_up_are_one_write_that_was_sent_twice(ledger: Ledger, clock: Clock) -> None:
    for _ in range(2):
        ledger.crash(seconds=1)
        clock.advance(60)
    with ledger.hold() as record:
        (write,) = record.unconfirmed
        assert write.count == 2


def test_a_released_lease_leaves_nothing_in_doubt(ledger: Ledger) -> None:
    with ledger.hold(names=frozenset({"first_name"})):
        pass
    with ledger.hold() as record:
        assert (record.unconfirmed, record.fields) == ([], {})


def test_counts_of_sign_ups_that_ended_elsewhere_do_not_stay_for_ever(ledger: Ledger, clock: Clock) -> None:
    with ledger.hold() as record:
        record.count_failure("s-1", failed=True, ended=False)
        record.record("subscribe", "digest")
    clock.advance(KEPT_SECONDS)
    with ledger.hold():
        pass
    with ledger.hold() as record:
        assert (record.failed_attempts, record.unconfirmed) == ({}, [])


def test_a_person_is_forgotten_half_a_year_after_the_last_delivery(
    ledger: Ledger, clock: Clock, table: MemoryTable
) -> None:
    with ledger.hold():
        pass
    assert table.item(KEY)["expiration"] == int(clock.now) + REMEMBERED_SECONDS


def test_an_item_whose_first_delivery_crashed_is_forgotten_too(
    ledger: Ledger, clock: Clock, table: MemoryTable
) -> None:
    ledger.crash()
    assert table.item(KEY)["expiration"] == int(clock.now) + REMEMBERED_SECONDS


def test_an_item_in_use_is_not_deleted_because_its_time_had_come(
    ledger: Ledger, clock: Clock, table: MemoryTable
) -> None:
    with ledger.hold():
        pass
    clock.advance(REMEMBERED_SECONDS - 1)
    with ledger.hold():
        assert table.item(KEY)["expiration"] == int(clock.now) + REMEMBERED_SECONDS


def test_a_record_that_nobody_else_holds_is_kept_for_ever(ledger: Ledger, table: MemoryTable) -> None:
    with ledger.hold(memory=Whole):
        assert table.item(KEY)["expiration"] == NEVER
    assert table.item(KEY)["expiration"] == NEVER


def test_an_id_that_proved_wrong_is_forgotten(ledger: Ledger) -> None:
    with ledger.hold() as record:
        record.contact_id = "17"
    with ledger.hold() as record:
        record.contact_id = None
    with ledger.hold() as record:
        assert record.contact_id is None


def test_an_item_that_cannot_be_read_is_never_taken_for_nobody(ledger: Ledger, table: MemoryTable) -> None:
    table.put({"id": KEY, "unconfirmed": [{"kind": "create"}]})
    with pytest.raises(Defect, match="a person's item cannot be read: KeyError"), ledger.hold():
        pytest.fail("delivered without knowing what was written before")


def test_a_busy_person_is_waited_for_ever_more_rarely_until_half_of_the_time_is_gone(
    table: MemoryTable, clock: Clock, ledger: Ledger
) -> None:
    ledger.crash(seconds=60)
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    patient = Leases(table, LAG, clock, sleep, jitter=lambda: 0.0)
    claim = Claim(KEY, frozenset(), "2", "", frozenset(), NoMemory)
    with pytest.raises(LeaseBusy), patient.hold(claim, Deadline.after(20, clock)):
        pytest.fail("two deliveries write one person at once")
    assert pauses[:7] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert 8 < sum(pauses) <= 10


def test_a_busy_person_is_written_as_soon_as_the_other_delivery_ends(
    table: MemoryTable, clock: Clock, ledger: Ledger
) -> None:
    other = ExitStack()
    other.enter_context(ledger.hold(seconds=60))

    def sleep(seconds: float) -> None:
        clock.advance(seconds)
        other.close()

    patient = Leases(table, LAG, clock, sleep)
    claim = Claim(KEY, frozenset(), "2", "", frozenset(), NoMemory)
    with patient.hold(claim, Deadline.after(20, clock)) as record:
        assert record.stamp == "2"


class Stutter(MemoryTable):
    """Loses the answer to each update of a person once: the client repeats the call, as botocore does."""

    def update(self, key: str, change: Any, condition: Any = None) -> Any:
        super().update(key, change, condition)
        return super().update(key, change, condition)


def test_a_lost_answer_to_taking_or_releasing_a_lease_makes_no_delivery_wait_for_itself(clock: Clock) -> None:
    table = Stutter()
    before = clock.now
    with Ledger(table, clock).hold(names=frozenset({"first_name"})) as record:
        assert isinstance(record, PersonRecord)
        record.contact_id = "17"
    assert clock.now == before, "nobody was waited for"
    assert len(table.calls) == 4, "neither call was made again by us"
    with Ledger(table, clock).hold(seconds=0) as again:
        assert again.contact_id == "17"
        assert (again.unconfirmed, again.fields) == ([], {}), "its own lease is no crash"


def test_a_replay_counts_the_attempts_of_one_sign_up_from_nothing(ledger: Ledger, table: MemoryTable) -> None:
    with ledger.hold() as record:
        record.count_failure("s-1", failed=True, ended=False)
        record.count_failure("s-2", failed=True, ended=False)
    for _ in range(2):
        forget_failed_attempts(table, KEY, "s-1")
    forget_failed_attempts(table, "person#account#nobody", "s-1")
    assert list(table.item(KEY)["failed_attempts"]) == ["s-2"]
    assert [item["id"] for item in table.items()] == [KEY]


def test_a_delivery_that_is_frozen_while_it_takes_over_has_lost_its_lease(
    ledger: Ledger, table: MemoryTable, clock: Clock
) -> None:
    # Given a delivery that crashed, and one that takes over and is frozen before it can say so
    ledger.crash(stamp="1")
    clock.advance(60)
    update, calls = table.update, []

    def overtaken(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            clock.advance(60)
            with ledger.hold(stamp="3"):
                pass
        return update(*arguments)

    # When it wakes, it does not go on, and it is no defect of ours
    with patch.object(table, "update", overtaken), pytest.raises(LeaseLost), ledger.hold(stamp="2"):
        pytest.fail("it writes under another's lease")


def test_what_a_dead_delivery_may_have_written_outlives_a_take_over_that_fails(
    ledger: Ledger, table: MemoryTable, clock: Clock
) -> None:
    # Given a delivery that crashed, and one that takes over while DynamoDB fails
    ledger.crash(stamp="1", names=frozenset({"first_name"}))
    clock.advance(60)
    update, calls = table.update, []

    def failing(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise LedgerUnavailable("DynamoDB failed")
        return update(*arguments)

    with patch.object(table, "update", failing), pytest.raises(LedgerUnavailable), ledger.hold(stamp="2"):
        pytest.fail("it goes on without a record of what the other may have written")

    # When a third takes over
    clock.advance(60)
    with ledger.hold(stamp="3") as record:
        # Then it knows of the first
        assert [write.stamp for write in record.unconfirmed] == ["1"]
        assert record.fields == {"first_name": "1"}
    with ledger.hold(stamp="4") as record:
        assert [write.stamp for write in record.unconfirmed] == ["1"], "and it is told once"


def test_a_lease_that_cannot_be_released_hides_no_error_of_the_delivery(ledger: Ledger, table: MemoryTable) -> None:
    class VendorSaysNo(Exception):
        """What the vendor said."""

    def failing(key: str) -> None:
        raise LedgerUnavailable("DynamoDB failed")

    def deliver() -> None:
        with ledger.hold():
            table.before_update = failing
            raise VendorSaysNo

    with pytest.raises(VendorSaysNo):
        deliver()


def test_a_lease_that_ends_in_this_very_millisecond_hides_nothing_of_a_dead_delivery(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.crash(seconds=8, stamp="1")
    clock.advance(8 + LEASE_MARGIN_SECONDS + 0.0004)
    with ledger.hold(stamp="2") as record:
        assert [write.stamp for write in record.unconfirmed] == ["1"]
