"""Runs a function in execution environments: started when needed, kept warm, replaced when they die."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from local.lambdas.execution import ROOT, ExecutionEnvironment, InvocationError
from local.lambdas.functions import Function
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.template import REGION

_logger = logging.getLogger(__name__)

_STOP_SECONDS = 5


class Throttled(Exception):
    """All execution environments were busy for too long."""


class FunctionPool:
    """Up to `size` execution environments of one function; the one used last is used first, as in Lambda."""

    def __init__(
        self,
        function: Function,
        *,
        size: int,
        variables: Mapping[str, str],
        lifeline: Lifeline,
        output: Output,
    ) -> None:
        """Start nothing yet. `variables` override Lambda's own and the template's."""
        self.function = function
        self._variables = {**_lambda_variables(function), **function.environment, **variables}
        self._lifeline = lifeline
        self._output = output
        self._size = size
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[ExecutionEnvironment] = []
        self._busy: list[ExecutionEnvironment] = []

    def invoke(self, event: Any, *, wait_seconds: float) -> Any:
        """Run `event` in one environment; wait up to `wait_seconds` for a free one.

        Raises:
            Throttled: none became free.
            InvocationError: the function failed.
        """
        if not self._free.acquire(timeout=wait_seconds):
            raise Throttled
        try:
            return self._invoke(event)
        except InvocationError as error:
            _logger.warning("%s", error)
            raise
        finally:
            self._free.release()

    def warm(self) -> None:
        """Start one environment before the first event, so that a broken handler shows at once."""
        self._release(self._acquire())

    def process_ids(self) -> list[int]:
        """List the living workers."""
        with self._lock:
            return _living(self._busy + self._idle)

    def busy_process_ids(self) -> list[int]:
        """List the living workers that are processing an event."""
        with self._lock:
            return _living(self._busy)

    def stop(self) -> None:
        """Kill every worker, and wait for the callers of `invoke`."""
        with self._lock:
            for environment in self._busy:
                environment.process.kill()
        for _ in range(self._size):
            self._free.acquire(timeout=_STOP_SECONDS)
        while self._idle:
            self._idle.pop().stop()

    def _invoke(self, event: Any) -> Any:
        environment = self._acquire()
        started = time.monotonic()
        try:
            return environment.invoke(event)
        finally:
            self._release(environment)
            _logger.debug("%s took %.0f ms", self.function.name, (time.monotonic() - started) * 1000)

    def _acquire(self) -> ExecutionEnvironment:
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    self._busy.append(environment)
                    return environment
                environment.stop()
        environment = ExecutionEnvironment(self.function, self._variables, self._lifeline, self._output)
        with self._lock:
            self._busy.append(environment)
        return environment

    def _release(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            self._busy.remove(environment)
            if environment.alive:
                self._idle.append(environment)
            else:
                environment.stop()


def _living(environments: Sequence[ExecutionEnvironment]) -> list[int]:
    return [each.process.pid for each in environments if each.alive]


def _lambda_variables(function: Function) -> dict[str, str]:
    """Return the variables that Lambda sets ("Defined runtime environment variables"); no others are inherited."""
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(ROOT),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
