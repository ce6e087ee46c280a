"""`make bench`: cold start and warm answers of what `make build` built, on this machine.

Cold start is the time from starting a process to its end after importing a handler: the median of fresh processes,
the two kinds in turns, so that other work on the machine hits both alike. "Without" has no byte code of function and
layer. What Lambda adds (the environment, the network) is not in it, and Lambda's share of a core may be smaller.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.packaging.conftest import RUNTIME_VERSION, built, output_of
from tests.packaging.lambda_process import answer, run

PROCESSES = 11
ANSWERS = 2000


def main() -> None:
    """Print the table."""
    python = output_of("scripts/runtime-python", RUNTIME_VERSION)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output_of("scripts/runtime-packages", RUNTIME_VERSION, name)
        path = [built("SubmitFunction"), folder / "opt", folder / "var"]
        without_byte_code = [*copies_without_byte_code(path[:2], folder / "without"), path[2]]
        report("bare Python", statistics.median(import_time(python, path, "sys") for _ in range(PROCESSES)), "ms")
        for trigger in ("submit", "retry"):
            module = f"functions.{trigger}.handler"
            pairs = [
                (import_time(python, path, module), import_time(python, without_byte_code, module))
                for _ in range(PROCESSES)
            ]
            report(f"cold {trigger}, byte code", statistics.median(pair[0] for pair in pairs), "ms")
            report(f"cold {trigger}, without", statistics.median(pair[1] for pair in pairs), "ms")
        seen = answer(python, path, "submit", "submit-unknown-form", folder / "seen.json", times=ANSWERS)
    warm = seen["microseconds"][ANSWERS // 10 :]
    report("warm submit, unknown form, p50", statistics.median(warm), "us")
    report("warm submit, unknown form, p99", statistics.quantiles(warm, n=100)[98], "us")


def report(what: str, value: float, unit: str) -> None:
    """Print one row."""
    print(f"{what:32}{value:8.0f} {unit}", flush=True)


def copies_without_byte_code(folders: Sequence[Path], target: Path) -> list[Path]:
    """Copy folders as a build would leave them that does not compile."""
    return [
        shutil.copytree(folder, target / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
        for folder in folders
    ]


def import_time(python: str, path: Sequence[Path], module: str) -> float:
    """Milliseconds of one fresh process that imports the module."""
    start = time.perf_counter()
    done = run(python, path, ["-c", f"import {module}"], PYTHONDONTWRITEBYTECODE="1")
    taken = (time.perf_counter() - start) * 1000
    assert done.returncode == 0, done.stderr
    return taken


if __name__ == "__main__":
    main()
