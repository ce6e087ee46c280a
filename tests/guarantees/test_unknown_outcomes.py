"""For every action, at every write: the connection breaks before or after the vendor commits, or the process dies."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from local.lambdas.pool import FunctionPool
from local.twins.server import Twin
from shared.vendors.registry import ACTIONS as REGISTERED
from tests.support.actions import ACTIONS
from tests.support.deployment import Deployment, kill_during, person
from tests.support.matrix import first_and_others, matrix


def test_every_registered_action_is_proven_here() -> None:
    assert set(ACTIONS) == set(REGISTERED)


_WRITES: dict[tuple[str, str], list[str]] = {}


def _writes(deployment: Deployment, action: tuple[str, str]) -> list[str]:
    """Return which writes an action makes, found out once by a first and a second sign-up of one person."""
    if action not in _WRITES:
        _WRITES[action] = _watched_writes(deployment, action)
    return _WRITES[action]


def _watched_writes(deployment: Deployment, action: tuple[str, str]) -> list[str]:
    twin = deployment.twins[action[0]]
    known = person()
    for name in ("Ada", "Augusta"):
        assert deployment.submit("form", {**known, "first_name": name}).status in {200, 202}
        deployment.drain()
    paths = [f"{entry.method} {re.sub(r'[0-9a-f]{5,}', '*', entry.path)}" for entry in twin.writes()]
    twin.reset()
    return list(dict.fromkeys(paths))


def _pattern(write: str) -> dict[str, str]:
    method, _, path = write.partition(" ")
    return {"method": f"^{method}$", "path": f"^{re.escape(path).replace(re.escape('*'), '[0-9a-f]+')}$"}


def _assert_one_contact(twin: Twin) -> None:
    (contact,) = twin.contacts()
    assert "Augusta" in str(contact)


@pytest.fixture
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    """A deployment whose leases end soon after a write whose outcome nobody knows."""
    return deploy(DELIVERY_BUDGET_SECONDS="3", RETRY_BUDGET_SECONDS="3")


@pytest.mark.parametrize(
    ("action", "fault"), matrix(list(ACTIONS), ["drop_after", "drop_before", "close_mid_body", "status_after"])
)
@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
def test_a_lost_answer_ends_as_one_contact_and_the_promised_events(
    deployment: Deployment, action: tuple[str, str], fault: str, is_known: bool
) -> None:
    promise = ACTIONS[action]
    deployment.form("form", action)
    twin = deployment.twins[action[0]]
    for write in _writes(deployment, action):
        visitor = person()
        if is_known and not promise.waits_a_minute:
            assert deployment.submit("form", visitor).status == 200
            deployment.drain()  # of a second look
        twin.events.clear()
        twin.fail(fault, **_pattern(write))

        answer = deployment.submit("form", {**visitor, "first_name": "Augusta"})
        deployment.drain()

        assert answer.status in {200, 202}
        _assert_one_contact(twin)
        assert promise.is_kept(twin, is_known=is_known), (write, twin.events)
        twin.reset()
    assert deployment.buried() == []


@pytest.mark.parametrize("commit", first_and_others(["before", "never"]))
@pytest.mark.parametrize("action", first_and_others(ACTIONS))
def test_a_process_killed_at_a_write_ends_as_one_contact_and_the_promised_events(
    deployment: Deployment, action: tuple[str, str], commit: str
) -> None:
    deployment.form("form", action)
    twin = deployment.twins[action[0]]
    with deployment.processes("retry") as retry:
        _kill_at_every_write(deployment, retry, twin, action, commit)


def _kill_at_every_write(
    deployment: Deployment, retry: FunctionPool, twin: Twin, action: tuple[str, str], commit: str
) -> None:
    for write in _writes(deployment, action):
        is_known = not write.startswith("POST")
        visitor = person(first_name="Augusta")
        if is_known:
            assert deployment.submit("form", {**visitor, "first_name": "Ada"}).status == 200
            deployment.drain()  # of a second look
        twin.events.clear()
        assert deployment.submit("form", visitor, seconds=1).status == 202, "no time for a try: queued at once"
        twin.fail("hang", **_pattern(write), commit=commit, seconds=20)

        (message,) = deployment.receive_all(1)
        deployment.retry([], retry)  # a new process takes its time to get ready
        kill_during(retry, partial(deployment.retry, [message], retry), lambda: twin.met("hang"))
        deployment.show_again(message)
        deployment.drain()

        _assert_one_contact(twin)
        assert ACTIONS[action].is_kept(twin, is_known=is_known), (write, twin.events)
        twin.reset()
