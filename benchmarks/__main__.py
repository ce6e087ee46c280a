"""`make bench`: one table of our functions beside floor, peer and bare calls, then the targets, met or missed.

Exit code 0 says that all are met. Times depend on the machine and on what else it does; the ratios within one run are
what counts. docs/performance.md says what the targets mean and where the time goes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import answer_time, drain, first_answer
from benchmarks.first_answer import Times
from benchmarks.setting import BARE, BASELINE_COMMIT, HERE, ROOT, SUBMIT, Setting, median_ms, setting
from benchmarks.targets import Target, summary

NO_BASELINE = "not measured, since this copy of the project does not hold that commit (git fetch --unshallow)"
ROUNDS = 11
DELIVERIES = 1000


def main() -> int:
    """Measure, print, and return the exit code."""
    options = _options()
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder, setting(options.python.absolute(), Path(folder)) as surroundings:
        targets = _measured(surroundings, options.rounds, options.deliveries)
    print(summary(targets))
    return 0 if all(target.is_met for target in targets) else 1


def _measured(surroundings: Setting, rounds: int, deliveries: int) -> list[Target]:
    code = surroundings.compiled("code", ROOT / "functions", ROOT / "shared")
    beside = surroundings.compiled("beside", *sorted((HERE / "beside").glob("*.py")), ROOT / "shared")
    times = first_answer.measure(surroundings, first_answer.cases(surroundings, code, beside), rounds)
    _print_times(times)
    answers = answer_time.measure(surroundings, SUBMIT, code, rounds)
    bare_answers = answer_time.measure(surroundings, BARE, beside, rounds)
    for form, (answer_ms, vendor_ms) in answers.items():
        print(
            f"form {form}: answer {answer_ms:.0f} ms, bare calls {bare_answers[form][0]:.0f} ms, "
            f"of which the slowest vendor takes {vendor_ms:.0f} ms"
        )
    drained = drain.measure(surroundings, code, beside, deliveries)
    for name in (drain.NOW, drain.BARE_CALLS, BASELINE_COMMIT):
        print(f"drain {name}: {drained.get(name, NO_BASELINE)}")
    now, then = drained[drain.NOW], drained.get(BASELINE_COMMIT)
    return [
        *_of_first_answer(times),
        *(
            Target(f"answer beyond the slowest vendor, form {form} (ms)", answer_ms - vendor_ms, at_most=most)
            for (form, (answer_ms, vendor_ms)), most in zip(answers.items(), (40.0, 50.0), strict=True)
        ),
        Target("drain: efficiency", now.efficiency, at_least=0.85),
        Target(f"drain: CPU for a delivery / {BASELINE_COMMIT}", now.cpu / then.cpu if then else None, at_most=0.55),
    ]


def _of_first_answer(times: dict[str, Times]) -> list[Target]:
    peer, submit, retry = times["peer"], times["submit"], times["retry"]
    submit_cpu, no_logs_cpu = median_ms(submit.warm_cpu), median_ms(times["submit, no logs"].warm_cpu)
    return [
        Target("submit: init + first sign-up / peer", submit.cold_ms / peer.cold_ms, at_most=0.9),
        Target("retry: init + first delivery / peer", retry.cold_ms / peer.cold_ms, at_most=0.9),
        Target("submit: first sign-up / warm", median_ms(submit.first) / median_ms(submit.warm), at_most=3.0),
        Target("retry: first delivery / warm", median_ms(retry.first) / median_ms(retry.warm), at_most=3.0),
        Target("submit: warm CPU / peer", submit_cpu / median_ms(peer.warm_cpu), at_most=1.5),
        Target("submit: logs' share of the CPU (%)", 100 * (1 - no_logs_cpu / submit_cpu), at_most=5.0),
    ]


COLUMNS = ("init", "first", "warm", "cold CPU", "first CPU", "warm CPU", "peak MB")
"""Medians, in milliseconds. CPU is the processor's time, which other work on the machine changes least."""


def _print_times(times: dict[str, Times]) -> None:
    print(" " * 16 + "".join(f"{column:>11}" for column in COLUMNS) + "   calls for a warm one")
    for name, seen in times.items():
        rows = (seen.init, seen.first, seen.warm, seen.cold_cpu, seen.first_cpu, seen.warm_cpu)
        cells = "".join(f"{median_ms(row):11.1f}" for row in rows) + f"{statistics.median(seen.megabytes):11.0f}"
        calls = ", ".join(f"{call} {count:g}" for call, count in seen.calls.items())
        print(f"{name:16}{cells}   {calls}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="a Python with Lambda's and the peer's packages")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fresh processes of each kind")
    parser.add_argument("--deliveries", type=int, default=DELIVERIES, help="how many are drained")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
