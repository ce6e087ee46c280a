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
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.setting import HERE, ROOT, SUBMIT, Setting, median_ms, setting, sign_up

ROUNDS = 5
WARM_UP, WARM = 5, 60
FORMS, FIELDS = (10, 100, 1000), (5, 25, 100)
FORM = (HERE / "forms" / "one" / "one.toml").read_text(encoding="utf-8")


@dataclass
class Seen:
    """What was measured at one size, one value of each round."""

    cold: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="a Python with Lambda's packages")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fresh processes of each size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, setting(options.python.absolute(), Path(folder)) as surroundings:
        code = surroundings.compiled("code", ROOT / "functions", ROOT / "shared")
        for what, make, sizes in (("forms", _forms, FORMS), ("fields", _fields, FIELDS)):
            _report(what, _measured(surroundings, code, {size: make(folder, size) for size in sizes}, options.rounds))
    return 0


def _report(what: str, seen: dict[int, Seen]) -> None:
    print(f"{what:>8}{'cold ms':>9}{'x first row':>13}{'CPU ms':>9}{'x first row':>13}{'peak MB':>9}")
    smallest = next(iter(seen.values()))
    for size, each in seen.items():
        cold, cpu = median_ms(each.cold), median_ms(each.cpu)
        print(
            f"{size:8}{cold:9.0f}{cold / median_ms(smallest.cold):13.2f}{cpu:9.1f}{cpu / median_ms(smallest.cpu):13.2f}"
            f"{statistics.median(each.megabytes):9.0f}",
            flush=True,
        )


def _measured(surroundings: Setting, code: Path, folders: dict[int, Path], rounds: int) -> dict[int, Seen]:
    """Return INIT and first sign-up, CPU of a warm one, and memory, by size; the sizes take turns."""
    numbers = itertools.count()
    seen = {size: Seen() for size in folders}
    for _ in range(rounds):
        for size, forms in folders.items():
            with surroundings.sandbox(SUBMIT, code, forms) as sandbox:
                answer = sandbox.invoke(sign_up(next(numbers)))
                assert answer.payload["statusCode"] == 200, answer.payload
                seen[size].cold.append(sandbox.init_seconds + answer.seconds)
                for _ in range(WARM_UP):
                    sandbox.invoke(sign_up(next(numbers)))
                before = sandbox.cpu_seconds
                for _ in range(WARM):
                    sandbox.invoke(sign_up(next(numbers)))
                seen[size].cpu.append((sandbox.cpu_seconds - before) / WARM)
                seen[size].megabytes.append(sandbox.peak_megabytes)
    return seen


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
