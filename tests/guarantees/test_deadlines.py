"""Whatever a vendor does, a request ends in its time, and the time to queue it is never spent on a vendor."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.composition import ENQUEUE_RESERVE_SECONDS
from tests.support.deployment import Deployment, person
from tests.support.waiting import eventually

PULSE = ("pulse", "upsert")
FOREVER_SECONDS = 300
"""For which a vendor says nothing, unless the test ends before."""
HANG_SECONDS = 60
"""An answer that takes longer has waited for the vendor, on however busy a machine."""


@pytest.fixture
def relay(deploy: Callable[..., Deployment]) -> Iterator[Deployment]:
    """A deployment in which, after the test, everything accepted is delivered once the vendor is well."""
    deployment = deploy(DELIVERY_BUDGET_SECONDS="2")
    deployment.form("form", PULSE)
    yield deployment
    twin = deployment.twins["pulse"]
    twin.stop()  # cuts what still hangs
    twin.faults.clear()
    twin.start()
    deployment.drain()
    assert len(twin.contacts()) >= 1


@pytest.mark.parametrize("fault", ["trickle", "hang"])
@pytest.mark.parametrize("call", ["GET", "POST"], ids=["search", "create"])
def test_a_vendor_that_holds_the_line_cannot_hold_the_request(relay: Deployment, fault: str, call: str) -> None:
    relay.twins["pulse"].fail(fault, method=call, count=None, seconds=0.4 if fault == "trickle" else FOREVER_SECONDS)

    answer = relay.submit("form", person())

    assert answer.status == 202
    assert answer.seconds < HANG_SECONDS


def test_a_name_server_that_does_not_answer_cannot_hold_the_request(
    relay: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, over = socket.getaddrinfo, threading.Event()

    def hang(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in {"vendor.example.com", b"vendor.example.com"}:
            over.wait(FOREVER_SECONDS)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    twin, name = relay.twins["pulse"], relay.destination(*PULSE)
    relay.secret(name, {**twin.connection(), "base_url": "https://vendor.example.com"})

    answer = relay.submit("form", person())

    assert answer.status == 202
    assert answer.seconds < HANG_SECONDS
    over.set()
    assert relay.submit("form", person(), seconds=1).status == 202
    relay.purge()
    relay.form("form", ("pulse", "submit_form"))
    assert relay.submit("form", person()).status == 200


@pytest.mark.parametrize("left", [0.5, 2.0, ENQUEUE_RESERVE_SECONDS])
def test_with_no_time_left_but_the_reserve_a_sign_up_is_queued_without_a_call(relay: Deployment, left: float) -> None:
    answer = relay.submit("form", person(), seconds=left)

    assert answer.status == 202
    assert relay.twins["pulse"].requests == []


def test_the_reserve_to_queue_is_left_untouched_by_a_hanging_vendor(relay: Deployment) -> None:
    relay.twins["pulse"].fail("hang", count=None, seconds=FOREVER_SECONDS)

    answer = relay.submit("form", person(), seconds=ENQUEUE_RESERVE_SECONDS + 1)

    assert answer.status == 202
    assert answer.seconds < HANG_SECONDS


def test_a_batch_ends_before_its_invocation_however_many_records_it_holds(relay: Deployment) -> None:
    for _ in range(12):
        assert relay.submit("form", person(), seconds=1).status == 202
    messages = relay.receive_all(12)
    relay.twins["pulse"].fail("hang", count=None, seconds=FOREVER_SECONDS)

    stay = relay.consume(messages, seconds=ENQUEUE_RESERVE_SECONDS + 1.2)

    assert stay == {message["MessageId"] for message in messages}


def test_who_waited_for_another_delivery_of_the_same_person_is_answered_in_time(
    deploy: Callable[..., Deployment],
) -> None:
    deployment = deploy(DELIVERY_BUDGET_SECONDS="1")
    deployment.form("form", PULSE)
    twin, visitor = deployment.twins["pulse"], person()
    twin.fail("hang", commit="never", count=1, seconds=FOREVER_SECONDS)
    first = threading.Thread(target=deployment.submit, args=("form", visitor))
    first.start()
    eventually(lambda: twin.met("hang"))

    second = deployment.submit("form", {**visitor, "first_name": "Augusta"})

    first.join()
    assert second.status in {200, 202}
    assert second.seconds < HANG_SECONDS
    deployment.drain()
    (contact,) = twin.contacts()
    assert contact["firstName"] == "Augusta"
