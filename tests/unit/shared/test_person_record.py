"""What is remembered of a person's unconfirmed writes."""

from __future__ import annotations

from shared.person_record import IN_PROGRESS, UNFINISHED, PersonRecord, UnconfirmedWrite


def test_one_sign_ups_success_does_not_let_anothers_event_be_fired_twice() -> None:
    # Given a delivery of another sign-up that never ended, so that its event may have been fired
    dead = UnconfirmedWrite(UNFINISHED, digest="what it said", stamp="1#dead", sent_at=0.0, over_at=10.0)
    record = PersonRecord(stamp="2#other", content="something else", now=20.0, ends_at=28.0, unconfirmed=[dead])

    # When this sign-up fires its own event and the vendor confirms it
    record.record("event", "2#other")
    record.clear("event", "2#other")

    # Then the other's retry still sees that its event may have been fired
    record.content = "what it said"
    assert record.find_unconfirmed("event", "1#dead") is not None


def test_an_older_sign_up_too_waits_for_a_slow_write_that_replaces_the_whole_contact() -> None:
    # Given a newer sign-up whose write got no answer
    slow = UnconfirmedWrite(IN_PROGRESS, digest="", stamp="2#newer", sent_at=0.0, over_at=10.0)

    # When an older sign-up of the person is retried
    older = PersonRecord(stamp="1#older", now=20.0, ends_at=28.0, unconfirmed=[slow])

    # Then it waits until the vendor cannot be working on the other any more; the newer one itself does not
    assert older.busy_until(search_lag=60.0) == 70.0
    assert PersonRecord(stamp="2#newer", now=20.0, unconfirmed=[slow]).busy_until(60.0) == 0.0
