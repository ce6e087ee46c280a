"""The operator's command `relay`, run against the embedded stack. As a process of its own: `local` knows no `cli`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from local.lambdas.execution import ROOT

_LONGEST_SECONDS = 120


def run_relay(command: Sequence[str], variables: Mapping[str, str]) -> tuple[bool, str]:
    """Run `relay`; return whether it succeeded, and the last line that it printed."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "cli", *command],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            text=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"no end after {_LONGEST_SECONDS} s"
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return ended.returncode == 0, lines[-1] if lines else "no output"
