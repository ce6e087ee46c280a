"""The two flows, against a vendor of a few lines: what is looked for, what is written, and what is put on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.errors import (
    Ambiguous,
    Conflict,
    NotFound,
    OutcomeUnknown,
    Refused,
    TryLater,
    Unavailable,
)
from shared.person_record import PersonRecord, UnconfirmedWrite, VendorMemory
from shared.vendors.flows import CREATE, MAX_LOOKS, Created, send_unrepeatable, upsert
from shared.vendors.protocol import WriteResult
from tests.support.vendor_fakes import NOW, task

ANN = task(email="ann@example.com")


class FakeVendorMemory(VendorMemory):
    email_id: int = 0


def record(contact_id: str | None = None, email_id: int = 0) -> PersonRecord:
    """Return what is remembered of Ann, in a delivery that sends its writes at `NOW`."""
    return PersonRecord(now=NOW, ends_at=NOW, contact_id=contact_id, memory=FakeVendorMemory(email_id=email_id))


@pytest.fixture
def memory() -> PersonRecord:
    return record()


@dataclass
class FakeVendor:
    """Holds contacts by id; `shown` are those that its search shows, `failures` what its next writes raise."""

    vendor: str = "fake"
    held: dict[str, Any] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def find(self) -> str | None:
        self.calls.append("find")
        return next(iter(self.shown), None)

    def recall(self, contact_id: str) -> str | None:
        self.calls.append(f"recall {contact_id}")
        return contact_id

    def create(self) -> Created:
        self.calls.append("create")
        self._fail()
        self.held["1"] = "created"
        return Created("1", FakeVendorMemory(email_id=7), WriteResult(("phone",)))

    def update(self, found: str) -> WriteResult:
        self.calls.append(f"update {found}")
        self._fail()
        if found not in self.held:
            raise NotFound(self.vendor, "update contact", status=404)
        self.held[found] = "updated"
        return WriteResult(("location",))

    def id_of(self, found: str) -> str:
        return found

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


# Lookup, then create or update.


def test_a_person_whom_nobody_knows_is_created_and_remembered(memory: PersonRecord) -> None:
    receipt = upsert(FakeVendor(), ANN, memory)
    assert receipt == WriteResult(("phone",))
    assert (memory.contact_id, memory.memory, memory.unconfirmed) == ("1", FakeVendorMemory(email_id=7), [])


def test_a_person_who_is_found_is_updated_and_remembered(memory: PersonRecord) -> None:
    vendor = FakeVendor(held={"5": "before"}, shown=["5"])
    assert upsert(vendor, ANN, memory) == WriteResult(("location",))
    assert (vendor.calls, memory.contact_id) == (["find", "update 5"], "5")


def test_a_person_whom_the_search_does_not_show_yet_is_recalled() -> None:
    vendor, memory = FakeVendor(held={"5": "before"}), record("5", 7)
    upsert(vendor, ANN, memory)
    assert vendor.calls == ["find", "recall 5", "update 5"]


def test_a_contact_that_vanished_is_looked_for_once_more_and_then_created() -> None:
    vendor, memory = FakeVendor(), record("5", 9)
    upsert(vendor, ANN, memory)
    assert vendor.calls == ["find", "recall 5", "update 5", "find", "create"]
    assert (memory.contact_id, memory.memory) == ("1", FakeVendorMemory(email_id=7))


def test_a_contact_that_vanished_and_stands_elsewhere_is_updated_there(memory: PersonRecord) -> None:
    class Merging(FakeVendor):
        def update(self, found: str) -> WriteResult:
            self.shown = ["6"]  # somebody merged the two at the vendor
            return super().update(found)

    vendor = Merging(held={"6": "before"}, shown=["5"])
    upsert(vendor, ANN, memory)
    assert (vendor.held, memory.contact_id) == ({"6": "updated"}, "6")


def test_a_conflict_on_create_means_find_again_then_update(memory: PersonRecord) -> None:
    class Racing(FakeVendor):
        def create(self) -> Created:
            self.held["5"], self.shown = "of another", ["5"]
            raise Conflict(self.vendor, "create contact", status=409)

    vendor = Racing()
    upsert(vendor, ANN, memory)
    assert (vendor.held, memory.contact_id, memory.unconfirmed) == ({"5": "updated"}, "5", [])


def test_a_conflict_with_somebody_whom_the_search_does_not_show_waits_for_it(memory: PersonRecord) -> None:
    vendor = FakeVendor(failures=[Conflict("fake", "create contact", status=409)])
    with pytest.raises(TryLater) as wait:
        upsert(vendor, task(email="ann@example.com", search_lag=30), memory)
    assert wait.value.retry_after == 30


def test_somebody_who_exists_and_is_never_found_is_left_to_a_person_after_a_few_looks(memory: PersonRecord) -> None:
    vendor = FakeVendor(failures=[Conflict("fake", "create contact", status=409) for _ in range(MAX_LOOKS)])
    for _ in range(MAX_LOOKS - 1):
        with pytest.raises(TryLater):
            upsert(vendor, ANN, memory)
    with pytest.raises(Ambiguous):
        upsert(vendor, ANN, memory)
    assert memory.unconfirmed == []


def test_a_lookup_that_failed_writes_nothing(memory: PersonRecord) -> None:
    class Down(FakeVendor):
        def find(self) -> str | None:
            raise Unavailable(self.vendor, "find contact")

    vendor = Down()
    with pytest.raises(Unavailable):
        upsert(vendor, ANN, memory)
    assert (vendor.calls, memory) == ([], record())


def lost_create(memory: PersonRecord) -> FakeVendor:
    vendor = FakeVendor(failures=[OutcomeUnknown("fake", "create contact")])
    with pytest.raises(OutcomeUnknown):
        upsert(vendor, ANN, memory)
    vendor.calls.clear()
    return vendor


def test_a_create_whose_answer_was_lost_is_not_repeated_while_the_search_may_hide_it(memory: PersonRecord) -> None:
    vendor = lost_create(memory)
    with pytest.raises(TryLater) as wait:
        upsert(vendor, task(email="ann@example.com", now=NOW + 10, search_lag=30), memory)
    assert (wait.value.retry_after, vendor.calls) == (20, ["find"])


def test_the_search_may_hide_a_create_from_when_it_was_given_up_not_from_when_it_was_sent(memory: PersonRecord) -> None:
    vendor = lost_create(memory)
    memory.unconfirmed = [UnconfirmedWrite(CREATE, "", memory.stamp, NOW, over_at=NOW + 20)]
    with pytest.raises(TryLater) as wait:
        upsert(vendor, task(email="ann@example.com", now=NOW + 40, search_lag=30), memory)
    assert (wait.value.retry_after, vendor.calls) == (10, ["find"])


def test_a_lost_create_that_got_through_is_found_and_taken_off_the_record(memory: PersonRecord) -> None:
    vendor = lost_create(memory)
    vendor.held["1"], vendor.shown = "created after all", ["1"]
    upsert(vendor, task(email="ann@example.com", now=NOW + 31, search_lag=30), memory)
    assert (vendor.calls, memory.unconfirmed, memory.contact_id) == (["find", "update 1"], [], "1")


def test_a_lost_create_that_did_not_get_through_is_made_again(memory: PersonRecord) -> None:
    vendor = lost_create(memory)
    upsert(vendor, task(email="ann@example.com", now=NOW + 31, search_lag=30), memory)
    assert (vendor.calls, memory.unconfirmed) == (["find", "create"], [])


def test_a_create_that_named_no_id_stands_on_record_until_the_search_shows_it(memory: PersonRecord) -> None:
    class Nameless(FakeVendor):
        def create(self) -> Created:
            self.calls.append("create")
            self.held["1"] = "created"
            return Created(None)

    vendor = Nameless()
    upsert(vendor, ANN, memory)
    with pytest.raises(TryLater):
        upsert(vendor, task(email="ann@example.com", now=NOW + 10, search_lag=30), memory)
    vendor.shown = ["1"]
    upsert(vendor, task(email="ann@example.com", now=NOW + 20, search_lag=30), memory)
    assert vendor.calls == ["find", "create", "find", "find", "update 1"]
    assert (memory.contact_id, memory.unconfirmed) == ("1", [])


# A write that must not be repeated blindly.


def failing(error: Exception) -> Callable[[], str]:
    def send() -> str:
        raise error

    return send


def test_a_write_that_succeeds_leaves_no_record(memory: PersonRecord) -> None:
    assert send_unrepeatable(memory, "subscribe", "body-1", lambda: "7") == "7"
    assert memory.unconfirmed == []


def test_a_write_is_on_record_while_it_is_under_way(memory: PersonRecord) -> None:
    send_unrepeatable(memory, "subscribe", "body-1", lambda: memory.unconfirmed.copy() or pytest.fail("not on record"))


@pytest.mark.parametrize("error", [OutcomeUnknown("fake", "subscribe"), RuntimeError("killed"), KeyboardInterrupt()])
def test_a_lost_answer_or_a_crash_leaves_the_write_on_record(error: Any, memory: PersonRecord) -> None:
    with pytest.raises(type(error)):
        send_unrepeatable(memory, "subscribe", "body-1", failing(error))
    assert memory.unconfirmed == [UnconfirmedWrite("subscribe", "body-1", memory.stamp, NOW, NOW)]


@pytest.mark.parametrize("error", [Refused("fake", "subscribe"), Unavailable("fake", "subscribe")])
def test_a_first_write_that_the_vendor_did_not_take_is_not_on_record(error: Exception, memory: PersonRecord) -> None:
    with pytest.raises(type(error)):
        send_unrepeatable(memory, "subscribe", "body-1", failing(error))
    assert memory.unconfirmed == []


def test_a_refused_repeat_says_nothing_about_the_lost_first(memory: PersonRecord) -> None:
    for error in (OutcomeUnknown("fake", "subscribe"), Refused("fake", "subscribe")):
        with pytest.raises(type(error)):
            send_unrepeatable(memory, "subscribe", "body-1", failing(error))
    attempt = memory.find_recorded("subscribe", "body-1")
    assert attempt is not None
    assert attempt.count == 1


def test_different_bodies_are_different_writes(memory: PersonRecord) -> None:
    with pytest.raises(OutcomeUnknown):
        send_unrepeatable(memory, CREATE, "body-1", failing(OutcomeUnknown("fake", "create contact")))
    assert memory.find_recorded(CREATE, "body-2") is None
