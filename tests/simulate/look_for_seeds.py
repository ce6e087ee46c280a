"""`python -m tests.simulate.look_for_seeds 6000`: for each removed guard the first seed that misses it.

For `guard_seeds.py`, where the relay or the simulator has changed. Further arguments: parts of the guards' texts.
"""

from __future__ import annotations

import sys

from tests.simulate.guards import GUARDS, Guard
from tests.simulate.run import quiet, run_seed


def first_seed(guard: Guard, seeds: range) -> int | None:
    """Return the first seed whose schedule breaks a promise that the guard keeps."""
    with quiet(), guard.taken_away():
        for seed in seeds:
            if any(broken.id in guard.breaks for broken in run_seed(seed).broken):
                return seed
    return None


def main(most: str = "6000", *parts: str) -> None:
    """Print a line for each guard."""
    for guard in GUARDS:
        if not parts or any(part in guard.text for part in parts):
            print(f'    "{guard.text}": {first_seed(guard, range(int(most)))},', flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
