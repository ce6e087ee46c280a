"""One person at one destination is written by one delivery at a time, however many processes try."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.deployment import Deployment, answer_of, person
from tests.support.matrix import first_and_others

AT_ONCE = 50


@pytest.mark.parametrize("processes", first_and_others([4, 8]))
@pytest.mark.parametrize("action", first_and_others([("pulse", "upsert"), ("esputnik", "upsert")]))
def test_fifty_sign_ups_of_one_person_from_many_processes_make_one_contact(
    deploy: Callable[..., Deployment], action: tuple[str, str], processes: int
) -> None:
    deployment = deploy(DELIVERY_BUDGET_SECONDS="6")
    deployment.form("form", action)
    twin = deployment.twins[action[0]]
    twin.options.latency, twin.options.search_lag = 0.02, 0.2
    visitor, now = person(), time.time()
    names = [f"Ada {chr(65 + number // 26)}{chr(97 + number % 26)}" for number in range(AT_ONCE)]
    events = [
        deployment.event("form", {**visitor, "first_name": name}, at=now + number / 1000)
        for number, name in enumerate(names)
    ]

    with deployment.processes("submit", processes) as pool, ThreadPoolExecutor(AT_ONCE) as visitors:

        def sign_up(event: Any) -> int:
            return answer_of(pool.invoke(event, wait_seconds=60)).status

        statuses = list(visitors.map(sign_up, events))
        assert len(pool.process_ids()) == processes
    deployment.drain(60)

    assert set(statuses) <= {200, 202}
    (contact,) = twin.contacts()
    assert contact["firstName"] == names[-1], "the newest has the last word"
    assert deployment.buried() == []
