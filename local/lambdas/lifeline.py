"""Children that never outlive the stack, however it ends.

The stack holds the write end of one pipe that it never writes to; every child watches the read end. When the
stack is gone, killed or not, the kernel closes its end and each child sees end of file. No signal is needed,
no process group, no Linux, and unlike `PR_SET_PDEATHSIG` does not depend on which thread started the child.

Run as a script it starts any installed module so: `python lifeline.py FD MODULE [ARGUMENT...]`.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


class Lifeline:
    """The stack's end. Pass `fd` to each child, as an inherited descriptor and as an argument."""

    def __init__(self) -> None:
        self.fd, self._write_end = os.pipe()

    def cut(self) -> None:
        """Let every child that still watches end itself."""
        os.close(self._write_end)
        os.close(self.fd)


def end_with(fd: int) -> None:
    """In a child: end this process, at once, when the other end of the lifeline closes."""

    def watch() -> None:
        os.read(fd, 1)
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    sys.argv = sys.argv[2:]
    sys.path.pop(0)  # this script's own folder is no place to import from
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
