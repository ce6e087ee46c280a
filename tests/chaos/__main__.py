"""`python -m tests.chaos`: one run, its table, and exit 1 when the books do not balance."""

from __future__ import annotations

import argparse
import logging
import sys

from tests.chaos.run import Options, run


def main() -> int:
    """Run chaos as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=Options.seed)
    parser.add_argument("--size", type=int, default=Options.size, help="sign-ups")
    parser.add_argument("--kill-rate", type=float, default=Options.kills_per_second, help="kill -9 per second")
    arguments = parser.parse_args()
    logging.getLogger("local").setLevel(logging.CRITICAL)  # that processes end is the point
    options = Options(arguments.seed, arguments.size, arguments.kill_rate)
    books, table = run(options, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    print(table)  # noqa: T201
    return 0 if books.balanced else 1


if __name__ == "__main__":
    sys.exit(main())
