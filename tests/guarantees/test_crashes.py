"""Processes die or freeze at the worst moment: nothing acknowledged is lost, and nobody writes after their time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from local.lambdas.pool import FunctionPool
from shared.composition import ENQUEUE_RESERVE_SECONDS
from tests.support.deployment import Deployment, answer_of, kill_during, person
from tests.support.waiting import eventually

PULSE = ("pulse", "upsert")


def test_a_sign_up_whose_process_died_is_accepted_when_it_is_sent_again(deployment: Deployment) -> None:
    deployment.form("form", PULSE)
    twin, visitor = deployment.twins["pulse"], person()
    twin.fail("hang", method="POST", commit="before", seconds=20)
    event = deployment.event("form", visitor, key="one-fill")
    with deployment.processes("submit", timeout=ENQUEUE_RESERVE_SECONDS + 3) as pool:
        kill_during(pool, lambda: pool.invoke(event, wait_seconds=60), lambda: twin.met("hang"))

        # Its record of being under way ends with the invocation's time.
        eventually(lambda: answer_of(pool.invoke(event, wait_seconds=60)).status in {200, 202})
    deployment.drain()
    assert len(twin.contacts()) == 1


def test_a_process_that_was_frozen_beyond_its_lease_writes_nothing_any_more(
    deploy: Callable[..., Deployment],
) -> None:
    deployment = deploy(RETRY_BUDGET_SECONDS="4")
    deployment.form("form", PULSE)
    twin, visitor = deployment.twins["pulse"], person()
    assert deployment.submit("form", visitor).status == 200
    assert deployment.submit("form", {**visitor, "first_name": "Old"}, seconds=1).status == 202
    (older,) = deployment.receive_all(1)
    twin.fail("latency", method="GET", seconds=2)
    with deployment.processes("retry") as pool:
        deployment.retry([], pool)
        frozen = threading.Thread(target=_ignore, args=(deployment, older, pool))
        frozen.start()
        eventually(lambda: twin.met("latency"))
        (pid,) = pool.process_ids()
        os.kill(pid, signal.SIGSTOP)
        time.sleep(4.1)  # its time and its lease are over
        assert deployment.submit("form", {**visitor, "first_name": "New"}).status in {200, 202}

        os.kill(pid, signal.SIGCONT)
        frozen.join()

    assert not any('"Old"' in entry.body for entry in twin.requests)
    deployment.show_again(older)
    deployment.drain()
    assert [contact["firstName"] for contact in twin.contacts()] == ["New"]


def _ignore(deployment: Deployment, message: Any, pool: FunctionPool) -> None:
    deployment.retry([message], pool)


def test_what_was_acknowledged_survives_the_death_of_every_process(deployment: Deployment) -> None:
    deployment.form("form", PULSE)
    twin = deployment.twins["pulse"]
    twin.options.down = True
    visitors = [person() for _ in range(5)]
    with deployment.processes("submit") as pool:
        answers = [answer_of(pool.invoke(deployment.event("form", visitor), wait_seconds=60)) for visitor in visitors]
        for pid in pool.process_ids():
            os.kill(pid, signal.SIGKILL)
    assert [answer.status for answer in answers] == [202] * 5
    twin.options.down = False

    deployment.drain()

    assert sorted(c["emails"][0]["emailAddress"] for c in twin.contacts()) == sorted(v["email"] for v in visitors)
