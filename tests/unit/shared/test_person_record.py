"""What is remembered of a person's unconfirmed writes."""

from __future__ import annotations

from shared.person_record import ANY, PersonRecord, UnconfirmedWrite


def test_one_sign_ups_success_does_not_let_anothers_event_be_fired_twice() -> None:
    # Given a delivery of another sign-up that never ended, so that its event may have been fired
    dead = UnconfirmedWrite(ANY, digest="what it said", stamp="1#dead", sent_at=0.0, over_at=10.0)
    record = PersonRecord(stamp="2#other", content="something else", now=20.0, ends_at=28.0, unconfirmed=[dead])

    # When this sign-up fires its own event and the vendor confirms it
    record.record("event", "2#other")
    record.clear("event", "2#other")

    # Then the other's retry still sees that its event may have been fired
    record.content = "what it said"
    assert record.unconfirmed_write("event", "1#dead") is not None
