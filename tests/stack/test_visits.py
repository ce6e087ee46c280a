"""The tests' own use of the stack: what one leaves behind must not meet the next one."""

from __future__ import annotations

from tests.support.stack import Relay, one_visit


def test_a_use_of_the_stack_begins_with_nothing_queued(relay: Relay) -> None:
    pulse = relay.stack.twins["pulse"]
    pulse.stop()
    assert relay.sign_up(relay.person()).status_code == 202
    pulse.start()

    with one_visit(relay):
        assert relay.waiting() == 0


def test_a_use_of_the_stack_ends_with_every_vendor_up_and_no_fault(relay: Relay) -> None:
    pulse, esputnik = relay.stack.twins["pulse"], relay.stack.twins["esputnik"]

    with one_visit(relay):
        pulse.stop()
        esputnik.fail("html")

    assert not pulse.stopping.is_set()
    assert esputnik.faults.pending()["scripted"] == []
