"""The vendors behind `VendorHttp.send`: what a failure means is decided by the relay's own code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from shared import errors
from shared.deadline import Deadline
from shared.http.answer_error import lost_answer, refused_answer
from shared.http.call import Call, Reply
from shared.http.vendor_http import VendorHttp
from tests.simulate.plan import Fault
from tests.simulate.vendor import Answer

if TYPE_CHECKING:
    from tests.simulate.environment import Environment

CALL_SECONDS = 0.1
PAGE = b"<html>Sorry</html>"
_BEFORE: dict[str, tuple[int, bytes]] = {
    "500": (500, b"{}"),
    "503": (503, b"{}"),
    "429": (429, b"{}"),
    "401": (401, b"{}"),
    "page": (200, PAGE),
    "403 page": (403, PAGE),
}
"""Answers to a request that the vendor has not worked on."""
_WORKED_OFF = frozenset({"lost answer", "500 after", "crash after"})
_LATER = frozenset({"slow", "slow 500", "crash while slow"})


class SimulatedHttp(VendorHttp):
    """Sends calls to the simulated vendors, through whatever goes wrong."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def send(self, call: Call, deadline: Deadline) -> Reply:
        environment = self._environment
        if call.operation == "list fields":  # kept in this process for minutes, whatever a schedule does
            return _reply(call, self._worked_off(call))
        if deadline.passed:
            raise errors.OutOfTime(call.vendor, call.operation, detail="no time left")
        fault = environment.point("vendor write" if call.writes else "vendor read", CALL_SECONDS)
        if deadline.passed:
            raise errors.OutOfTime(call.vendor, call.operation, detail="no time left")
        environment.world.on_request(environment, call)
        if fault is None:
            return _reply(call, self._worked_off(call))
        return self._gone_wrong(call, deadline, fault)

    def _worked_off(self, call: Call) -> Answer:
        return self._environment.world.vendor_answer(self._environment, call)

    def _gone_wrong(self, call: Call, deadline: Deadline, fault: Fault) -> Reply:
        environment, world = self._environment, self._environment.world
        if fault.kind == "no connection":
            raise lost_answer(call, httpx.ConnectError("no connection"))
        if fault.kind in _BEFORE:
            status, content = _BEFORE[fault.kind]
            world.on_refusal(environment, status, fault.seconds)
            raise refused_answer(call, httpx.Response(status), content, fault.seconds or None)
        if fault.kind in _WORKED_OFF:
            self._worked_off(call)
        if fault.kind in _LATER:
            self._later(fault.seconds, deadline, self._work_later(call))
        if fault.kind.startswith("crash"):
            environment.die()
        if "500" in fault.kind:
            raise refused_answer(call, httpx.Response(500), b"{}", None)
        world.clock.advance(deadline.remaining)
        raise lost_answer(call, httpx.ReadTimeout("no answer"))

    def _work_later(self, call: Call) -> Callable[[], None]:
        work, world = self._environment.work, self._environment.world

        def task() -> None:
            world.answer_for(call, work)

        return task

    def _later(self, seconds: float, deadline: Deadline, task: Callable[[], None]) -> None:
        self._environment.world.clock.at(deadline.at + seconds, task)


def _reply(call: Call, answer: Answer) -> Reply:
    if answer.status >= 300:
        raise refused_answer(call, httpx.Response(answer.status), json.dumps(answer.body).encode(), None)
    return Reply(answer.status, answer.body, {"content-type": "application/json"}, empty=answer.body is None)
