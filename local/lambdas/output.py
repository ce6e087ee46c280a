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

START = b"START RequestId: "
"""How the line begins that announces an invocation, as in Lambda's own logs."""

Listener = Callable[[bytes, float], None]
"""Takes a line, and when the invocation that printed it started (seconds since the epoch)."""


def ignore(line: bytes, started_at: float) -> None:
    """Listen to nothing."""


@dataclass(frozen=True)
class Output:
    """Where the workers' lines go: `log` (None is this process's own output) and the listener."""

    log: IO[bytes] | None = None
    listen: Listener = ignore

    def open(self) -> tuple[int, threading.Thread]:
        """Return a descriptor for one worker to print to, and the thread that copies until the worker ends."""
        read_end, write_end = os.pipe()
        thread = threading.Thread(target=self._copy, args=(read_end,), name="worker-output", daemon=True)
        thread.start()
        return write_end, thread

    def _copy(self, read_end: int) -> None:
        log, started_at = self.log or sys.stdout.buffer, time.time()
        with os.fdopen(read_end, "rb") as lines:
            for line in lines:
                if line.startswith(START):
                    started_at = time.time()
                    continue
                # Reading goes on where the log is closed: a worker would wait for ever with a line that nobody takes.
                with suppress(OSError, ValueError):
                    log.write(line)
                    log.flush()
                self.listen(line, started_at)
