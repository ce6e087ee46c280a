"""Starts and drives one execution environment: a worker process, killed when it takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from local.lambdas.functions import Function
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.template import ACCOUNT, REGION

ROOT = Path(__file__).resolve().parents[2]
"""The repository's root, the `CodeUri` of every function."""

PAYLOAD_LIMIT = 6_291_556
"""Bytes of a synchronous event or its answer ("Lambda quotas": 6 MB, plus overhead)."""

_INIT_SECONDS = 60
"""Lambda's own limit is 10 s; a busy laptop without byte code may need longer."""


class InvocationError(Exception):
    """A function failed; `reason` is the error type that Lambda would report."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"{function}: {reason}")
        self.reason = reason


class ExecutionEnvironment:
    """A started worker with its handler loaded. It takes one event at a time, as in Lambda."""

    def __init__(self, function: Function, variables: Mapping[str, str], lifeline: Lifeline, output: Output) -> None:
        """Start the process and wait for its init phase.

        Raises:
            InvocationError: the handler's module does not load.
        """
        self._function = function
        self._channel, theirs = Pipe()
        with theirs:
            self._output = output.open()
            self.process = _start_worker(function.handler, variables, (theirs.fileno(), lifeline.fd), self._output.fd)
        try:
            self._receive(_INIT_SECONDS, on_timeout="Runtime.InitTimeout")
        except InvocationError:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def invoke(self, event: Any) -> Any:
        """Run the handler with one event and return its result.

        Raises:
            InvocationError: the handler raised, ran out of time, answered too much, or the process ended.
        """
        invocation = {
            "request_id": str(uuid.uuid4()),
            "deadline": time.time() + self._function.timeout,
            "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self._function.name}",
            "event": event,
        }
        message = json.dumps(invocation).encode()
        if len(message) > PAYLOAD_LIMIT:
            raise InvocationError(self._function.name, "RequestEntityTooLarge")
        self._output.begin()
        try:
            self._channel.send_bytes(message)
        except OSError as error:
            raise self._ended("Runtime.ExitError") from error
        try:
            return self._receive(self._function.timeout, on_timeout="Sandbox.Timedout")
        finally:
            self._output.wait_for_invocation()

    def stop(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()
        self._output.wait_for_end()
        self._channel.close()

    def _receive(self, seconds: float, *, on_timeout: str) -> Any:
        try:
            if not self._channel.poll(seconds):
                raise self._ended(on_timeout)
            message = self._channel.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._ended("Runtime.ExitError") from error
        if len(message) > PAYLOAD_LIMIT:
            raise InvocationError(self._function.name, "Function.ResponseSizeTooLarge")
        answer = json.loads(message)
        if "errorType" in answer:
            raise InvocationError(self._function.name, answer["errorType"])
        return answer.get("result")

    def _ended(self, reason: str) -> InvocationError:
        self.stop()
        return InvocationError(self._function.name, reason)


def _start_worker(
    handler: str, variables: Mapping[str, str], descriptors: tuple[int, int], printed: int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "local.lambdas.worker", handler, *map(str, descriptors)],
            cwd=ROOT,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=descriptors,
            process_group=0,  # Ctrl-C must reach only the stack
        )
    finally:
        os.close(printed)  # the worker has its own
