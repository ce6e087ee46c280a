"""`python -m local.demo`: play the story, show the books, and exit 1 where a promise was broken."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from rich.console import Console

from local.aws_services import PACKAGE, ServicesError
from local.demo.scenes import Scenes
from local.demo.screen import Screen
from local.lambdas.execution import ROOT
from local.trial.books import balance
from local.trial.promises import doubled_events
from local.trial.stage import VARIABLES, Stage, drain, keep_log, staged
from local.trial.visitors import Accepted, Crowd

KEPT_LOG = ROOT / "test-results" / "demo.log"
"""Where the log stays of a demo that broke a promise."""

DEMO_VARIABLES = {**VARIABLES, "SEARCH_LAG_SECONDS": "3"}
"""The demo's slow write is made sooner than that of a trial with random faults."""

FEWEST_SIGN_UPS = 20
"""Four chapters have people of their own, who send five sign-ups each at most."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as of a shell."""

AT_ONCE = 8
"""Visitors who sign up at the same time."""


def main() -> int:
    """Run the demo as the arguments say; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--sign-ups", type=_sign_ups, default=500, metavar="N", help="how many people's sign-ups (500)")
    parser.add_argument("--seed", type=int, default=1, help="other people")
    arguments = parser.parse_args()
    logging.getLogger("local").setLevel(logging.CRITICAL)  # that vendors fail is the point
    console = Console()
    console.print(f"Starting {PACKAGE} (queues, table, secrets), the vendors and the functions …", highlight=False)
    started = time.monotonic()
    try:
        with staged(DEMO_VARIABLES) as stage:
            warm(stage)
            accepted = play(stage, Screen(console), arguments.sign_ups, arguments.seed)
            return show_books(stage, accepted, Screen(console), time.monotonic() - started)
    except ServicesError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def _sign_ups(text: str) -> int:
    sign_ups = int(text)
    if sign_ups < FEWEST_SIGN_UPS:
        raise argparse.ArgumentTypeError(f"must be at least {FEWEST_SIGN_UPS}, so that each chapter has somebody")
    return sign_ups


def warm(stage: Stage) -> None:
    """Start as many functions as will run at once: chapters tell how long visitors wait, not how Python starts."""
    with ThreadPoolExecutor(AT_ONCE) as threads, httpx.Client(base_url=stage.stack.url, timeout=60) as client:
        for answer in [threads.submit(client.get, "/openapi.json") for _ in range(AT_ONCE)]:
            answer.result()


def play(stage: Stage, screen: Screen, sign_ups: int, seed: int) -> list[Accepted]:
    """Play the story; return every sign-up that was accepted."""
    with Crowd(stage.stack.url, AT_ONCE, seed) as crowd:
        Scenes(stage.stack, crowd, screen, sign_ups, seed).play()
        return crowd.accepted


def show_books(stage: Stage, accepted: list[Accepted], screen: Screen, seconds: float) -> int:
    """Show the books; return 0 where they balance, else keep the log and return 1."""
    drain(stage.stack)
    books = balance(stage.stack, accepted, stage.log)
    books.broken["events"].extend(doubled_events(stage.stack.twins["esputnik"], accepted))
    screen.show_books(books, stage.stack.twins, seconds)
    if books.balanced:
        return 0
    keep_log(stage.log, KEPT_LOG)
    screen.say(f"The functions' log: {KEPT_LOG.relative_to(ROOT)}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
