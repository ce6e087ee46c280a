"""What workers print: copied to the stack's log, and handed on line by line."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

START, END = b"START RequestId: ", b"END RequestId: "
"""How the lines begin between which an invocation prints, as in Lambda's own logs."""

COPY_SECONDS = 5
"""For how long the lines of an invocation, or of a worker that has ended, are waited for."""

Listener = Callable[[bytes, float], None]
"""Takes a line, and when the invocation that printed it started (seconds since the epoch)."""


def ignore(line: bytes, started_at: float) -> None:
    """Listen to nothing."""


@dataclass(frozen=True)
class Output:
    """Where the workers' lines go: `log` (None is this process's own output) and the listener."""

    log: IO[bytes] | None = None
    listen: Listener = ignore

    def open(self) -> WorkerOutput:
        """Return what one worker prints to."""
        return WorkerOutput(self)


class WorkerOutput:
    """A pipe to print to, and the thread that copies from it until the worker has ended."""

    def __init__(self, output: Output) -> None:
        """Open the pipe; `fd` is to be closed once the worker has it."""
        self._output = output
        read_end, self.fd = os.pipe()
        self._invocation_ended = threading.Event()
        self._copying = threading.Thread(target=self._copy, args=(read_end,), name="worker-output", daemon=True)
        self._copying.start()

    def begin(self) -> None:
        """Expect the lines of another invocation."""
        self._invocation_ended.clear()

    def wait_for_invocation(self) -> None:
        """Wait until every line that the invocation printed is copied."""
        self._invocation_ended.wait(COPY_SECONDS)

    def wait_for_end(self) -> None:
        """Wait until every line of a worker that has ended is copied."""
        self._copying.join(COPY_SECONDS)

    def _copy(self, read_end: int) -> None:
        started_at = time.time()
        with os.fdopen(read_end, "rb") as lines:
            for line in lines:
                if line.startswith(START):
                    started_at = time.time()
                elif line.startswith(END):
                    self._invocation_ended.set()
                else:
                    self._take(line, started_at)
        self._invocation_ended.set()  # by the end of the worker

    def _take(self, line: bytes, started_at: float) -> None:
        log = self._output.log or sys.stdout.buffer
        # Reading goes on where the log is closed: a worker would wait for ever with a line that nobody takes.
        with suppress(OSError, ValueError):
            log.write(line)
            log.flush()
        self._output.listen(line, started_at)
