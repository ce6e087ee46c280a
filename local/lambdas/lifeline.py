"""Ends every child process with the stack, even if the stack is killed.

The stack holds the write end of a pipe and never writes; each child waits on the read end. When the stack ends, the
kernel closes the write end and each child reads end of file. Unlike `PR_SET_PDEATHSIG` this works beyond Linux and does
not depend on the thread that started the child.

As a script it runs any installed module that way: `python lifeline.py FD MODULE [ARGUMENT...]`.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


class Lifeline:
    """The stack's side. Pass `fd` to each child, as an inherited descriptor and as an argument."""

    def __init__(self) -> None:
        self.fd, self._write_end = os.pipe()

    def cut(self) -> None:
        """End every child that is still running."""
        os.close(self._write_end)
        os.close(self.fd)


def end_with(fd: int) -> None:
    """In a child: end this process at once when the stack ends."""

    def watch() -> None:
        os.read(fd, 1)
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    sys.argv = sys.argv[2:]
    sys.path.pop(0)  # do not import from this script's folder
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
