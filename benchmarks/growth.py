"""What grows with the size of a deployment: `python -m benchmarks.growth --python .venv-bench/bin/python`.

Forms in the folder, fields of a form, and one person's sign-ups. A deployment that is flat keeps the ratio in the last
column near 1. The backlog is simulated in `benchmarks/backlog.py`; calls for a sign-up stand in the table of
`make bench`.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.setting import HERE, ROOT, SUBMIT, Setting, median_ms, setting, sign_up

ROUNDS = 5
WARM = 30
FORM = (HERE / "forms" / "one" / "one.toml").read_text(encoding="utf-8")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="a Python with Lambda's packages")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, setting(options.python.absolute(), Path(folder)) as surroundings:
        code = surroundings.compiled("code", ROOT / "functions", ROOT / "shared")
        _report("forms", (10, 100, 1000), lambda count: _measured(surroundings, code, _forms(folder, count)))
        _report("fields", (5, 25, 100), lambda count: _measured(surroundings, code, _fields(folder, count)))
    return 0


def _report(what: str, counts: Iterable[int], measure: Callable[[int], tuple[float, float, float, float]]) -> None:
    print(f"{what:>8}{'init ms':>9}{'first ms':>10}{'CPU ms':>8}{'peak MB':>9}{'x first row':>13}")
    first = 0.0
    for count in counts:
        init, answer, cpu, memory = measure(count)
        first = first or init + answer
        ratio = (init + answer) / first
        print(f"{count:8}{init:9.0f}{answer:10.1f}{cpu:8.1f}{memory:9.0f}{ratio:13.2f}", flush=True)


def _measured(surroundings: Setting, code: Path, forms: Path) -> tuple[float, float, float, float]:
    """Return the medians of INIT, first sign-up and CPU of a warm one in milliseconds, and of the peak in MB."""
    numbers = itertools.count()
    init, first, cpu, memory = [], [], [], []
    for _ in range(ROUNDS):
        with surroundings.sandbox(SUBMIT, code, forms) as sandbox:
            init.append(sandbox.init_seconds)
            answer = sandbox.invoke(sign_up(next(numbers)))
            assert answer.payload["statusCode"] == 200, answer.payload
            first.append(answer.seconds)
            before = sandbox.cpu_seconds
            for _ in range(WARM):
                sandbox.invoke(sign_up(next(numbers)))
            cpu.append((sandbox.cpu_seconds - before) / WARM)
            memory.append(sandbox.peak_megabytes)
    return median_ms(init), median_ms(first), median_ms(cpu), statistics.median(memory)


def _forms(folder: str, count: int) -> Path:
    """Make a folder of so many forms; the one that is used comes last."""
    forms = Path(folder) / f"forms-{count}"
    forms.mkdir()
    for number in range(count - 1):
        (forms / f"form-{number:04}.toml").write_text(FORM, encoding="utf-8")
    (forms / "one.toml").write_text(FORM, encoding="utf-8")
    return forms


def _fields(folder: str, count: int) -> Path:
    """Make a folder with a form of so many fields."""
    forms = Path(folder) / f"fields-{count}"
    forms.mkdir()
    more = [f'[fields.extra_{number}]\ntype = "text"\n' for number in range(count - 3)]
    (forms / "one.toml").write_text(FORM + "\n" + "\n".join(more), encoding="utf-8")
    return forms


if __name__ == "__main__":
    sys.exit(main())
