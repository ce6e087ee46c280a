"""`make bench`: cold start and warm answers of what `make build` built, on this machine.

Cold start is the time from starting a process to its end after importing a handler: the median of fresh processes,
the two kinds in turns, so that other work on the machine hits both alike. "Without" hides all byte code. What Lambda
adds (the environment, the network) is not in it, and Lambda's share of a core may be smaller.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from tests.packaging.conftest import BUILD, RUNTIME_VERSION, output_of
from tests.packaging.lambda_process import answer, run

PROCESSES = 11
ANSWERS = 2000


def main() -> None:
    """Print the table."""
    python = output_of("scripts/runtime-python", RUNTIME_VERSION)
    with tempfile.TemporaryDirectory() as folder:
        output_of("scripts/runtime-packages", RUNTIME_VERSION, folder)
        packages = [Path(folder, "opt"), Path(folder, "var")]
        print(f"{'bare Python':32}{cold_start(python, packages, 'sys'):8.0f} ms")
        for function in ("submit", "retry"):
            with_byte_code, without = both_cold_starts(python, packages, f"functions.{function}.handler", folder)
            print(f"{f'cold {function}, byte code':32}{with_byte_code:8.0f} ms")
            print(f"{f'cold {function}, without':32}{without:8.0f} ms")
        seen = answer(
            python, packages, "SubmitFunction", "submit-unknown-form", Path(folder, "seen.json"), times=ANSWERS
        )
    warm = seen["microseconds"][ANSWERS // 10 :]
    print(f"{'warm submit, unknown form, p50':32}{statistics.median(warm):8.0f} us")
    print(f"{'warm submit, unknown form, p99':32}{statistics.quantiles(warm, n=100)[98]:8.0f} us")


def both_cold_starts(python: str, packages: list[Path], module: str, folder: str) -> tuple[float, float]:
    """Median milliseconds with byte code and without, measured in turns."""
    hidden = {"PYTHONPYCACHEPREFIX": f"{folder}/empty", "PYTHONDONTWRITEBYTECODE": "1"}
    pairs = [
        (import_time(python, packages, module), import_time(python, packages, module, **hidden))
        for _ in range(PROCESSES)
    ]
    with_byte_code, without = zip(*pairs, strict=True)
    return statistics.median(with_byte_code), statistics.median(without)


def cold_start(python: str, packages: list[Path], module: str) -> float:
    """Median milliseconds with byte code."""
    return statistics.median(import_time(python, packages, module) for _ in range(PROCESSES))


def import_time(python: str, packages: list[Path], module: str, **variables: str) -> float:
    """Milliseconds of one fresh process that imports the module."""
    start = time.perf_counter()
    done = run(python, [BUILD / "SubmitFunction", *packages], ["-c", f"import {module}"], **variables)
    taken = (time.perf_counter() - start) * 1000
    assert done.returncode == 0, done.stderr
    return taken


if __name__ == "__main__":
    main()
