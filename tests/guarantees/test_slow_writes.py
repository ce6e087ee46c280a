"""A vendor that works a request off after we gave it up: its stale value must not win over a newer sign-up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from local.twins.server import Twin
from tests.support.deployment import Deployment, kill_during, person
from tests.support.matrix import first_and_others
from tests.support.waiting import eventually

FIRST_NAME: dict[tuple[str, str], Callable[[Any], str]] = {
    ("pulse", "upsert"): lambda contact: contact["firstName"],
    ("esputnik", "upsert"): lambda contact: contact["firstName"],
    ("whautomate", "upsert"): lambda contact: contact["name"].split()[0],
    ("which50", "upsert"): lambda contact: contact["Values"]["FirstName"],
}
"""Actions that update a known contact in one call, and where the vendor keeps the first name."""

BUDGET_SECONDS = 3
HANGS_SECONDS = 6.0
"""Twice the budget of a sign-up in these tests."""


def _held(twin: Twin, action: tuple[str, str]) -> list[str]:
    return [FIRST_NAME[action](contact) for contact in twin.contacts()]


@pytest.mark.parametrize("action", first_and_others(FIRST_NAME))
def test_a_correction_outlives_the_slow_write_of_what_it_corrects(
    deploy: Callable[..., Deployment], action: tuple[str, str]
) -> None:
    # Given a contact that the vendor knows, and a vendor that will work on the next write for longer than we wait
    deployment = deploy(DELIVERY_BUDGET_SECONDS=str(BUDGET_SECONDS), SEARCH_LAG_SECONDS="6")
    deployment.form("form", action)
    twin, visitor = deployment.twins[action[0]], person()
    assert deployment.submit("form", visitor).status == 200
    twin.fail("hang", method="PUT|POST", seconds=HANGS_SECONDS, commit="after")

    # When somebody mistypes a name, is kept waiting, and corrects it at once
    assert deployment.submit("form", {**visitor, "first_name": "Typo"}).status == 202
    assert deployment.submit("form", {**visitor, "first_name": "Right"}).status == 202
    # … and the vendor works the first write off, late
    eventually(lambda: _held(twin, action) == ["Typo"])
    deployment.drain()

    # Then the correction is what stays
    assert _held(twin, action) == ["Right"]


def test_an_older_retry_does_not_overwrite_what_a_dead_process_has_written(deployment: Deployment) -> None:
    # Given an older sign-up that waits, and a newer one whose process dies after the vendor took its write
    deployment.form("form", ("pulse", "upsert"))
    twin, visitor = deployment.twins["pulse"], person()
    assert deployment.submit("form", visitor).status == 200
    assert deployment.submit("form", {**visitor, "first_name": "Old"}, seconds=1).status == 202
    with deployment.processes("submit") as pool:
        pool.warm()
        twin.fail("hang", method="PUT", seconds=20, commit="before")
        newer = deployment.event("form", {**visitor, "first_name": "New"}, at=time.time() + 1)
        kill_during(pool, lambda: pool.invoke(newer, wait_seconds=5), lambda: twin.met("hang"))
    assert _held(twin, ("pulse", "upsert")) == ["New"]

    # When the older one is delivered
    deployment.drain()

    # Then the newer name stays
    assert _held(twin, ("pulse", "upsert")) == ["New"]
