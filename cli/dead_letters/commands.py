"""`relay dead-letters`: list, show, replay and drop what no retry could mend."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import Any

from cli.console import Console, counted
from cli.dead_letters.letters import Filter, Letter
from cli.dead_letters.replay import send_again
from cli.deployment import Connect, Deployment
from cli.visible_messages import HIDDEN_SECONDS, Sweep, depth

COLUMNS = ("submission_id", "form", "destination", "reason", "attempts", "first_failed_at", "message_id")
RATE = 10.0


def add_arguments(parser: ArgumentParser) -> None:
    """Describe the commands."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = _command(commands, "list", _list, "list them, without personal data")
    listing.add_argument("--json", action="store_true", help="answer for machines")
    showing = commands.add_parser("show", help="print one whole, personal data included")
    showing.add_argument("id", metavar="ID", help="submission id or message id")
    showing.set_defaults(run=_show)
    replaying = _command(commands, "replay", _replay, "put them into the retry queue again")
    replaying.add_argument("--dry-run", action="store_true", help="only say which")
    replaying.add_argument("--rate", type=_rate, default=RATE, metavar="N/s", help="at most so many a second (10/s)")
    replaying.add_argument("--limit", type=_limit, metavar="N", help="at most so many, the oldest first")
    dropping = _command(commands, "drop", _drop, "delete them for good")
    dropping.add_argument("--yes", action="store_true", help="do it; without this only say which")


def _command(commands: Any, name: str, run: Callable[..., int], text: str) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(name, help=text)
    parser.add_argument("--form", metavar="ID")
    parser.add_argument("--destination", metavar="NAME")
    parser.add_argument("--reason", metavar="REASON", help="as listed, e.g. refused or misconfigured")
    parser.add_argument("--submission", metavar="ID")
    parser.set_defaults(run=run)
    return parser


def _rate(text: str) -> float:
    try:
        rate = float(text.removesuffix("/s"))
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise ArgumentTypeError("must be a number of messages a second, like 5/s")
    return rate


def _limit(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("must be a whole number above 0")
    return int(text)


def _list(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _sweep(connect()) as sweep:
        letters, out_of_sight = _admitted(arguments, sweep), sweep.out_of_sight
    rows = [letter.row for letter in letters]
    if arguments.json:
        console.json({"dead_letters": rows, "not_looked_at": out_of_sight})
        return 0
    console.table(rows, COLUMNS)
    console.say(counted(len(rows), "dead letter"))
    _tell_unseen(console, out_of_sight)
    return 0


def _show(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _sweep(connect()) as sweep:
        found = [letter for letter in map(Letter.of, sweep) if _is(letter, arguments.id)]
        out_of_sight = sweep.out_of_sight
    for letter in found:
        console.json({**letter.row, "body": _body(letter)})
    if not found:
        console.complain(f"no dead letter has the id {arguments.id}")
        _tell_unseen(console, out_of_sight)
    return 0 if found else 1


def _replay(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    # Hidden for as long as the replay may take, so that no letter comes back and is replayed twice.
    waiting = depth(deployment.sqs, deployment.settings.dead_letter_queue_url).visible
    with _sweep(deployment, HIDDEN_SECONDS + 2 * waiting / arguments.rate) as sweep:
        letters = _admitted(arguments, sweep)
        readable = [(letter, letter.message) for letter in letters if letter.message is not None][: arguments.limit]
        for letter, message in readable:
            if not arguments.dry_run:
                send_again(message, deployment)
                sweep.delete(letter.received)
                deployment.sleep(1 / arguments.rate)
            console.say(f"{'would replay' if arguments.dry_run else 'replayed'} {letter}")
    unreadable = [letter for letter in letters if letter.message is None]
    for letter in unreadable:
        console.complain(f"cannot be replayed, its body is not a message: {letter.received.message_id}")
    console.say(f"{counted(len(readable), 'dead letter')} {'would be replayed' if arguments.dry_run else 'replayed'}")
    return 1 if unreadable else 0


def _drop(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _sweep(connect()) as sweep:
        letters = _admitted(arguments, sweep)
        for letter in letters:
            if arguments.yes:
                sweep.delete(letter.received)
            console.say(f"{'dropped' if arguments.yes else 'would drop'} {letter}")
    console.say(f"{counted(len(letters), 'dead letter')} {'dropped' if arguments.yes else 'would be dropped'}")
    if letters and not arguments.yes:
        console.complain("nothing was dropped: repeat it with --yes")
        return 1
    return 0


def _sweep(deployment: Deployment, hidden_seconds: float = HIDDEN_SECONDS) -> Sweep:
    return Sweep(deployment, deployment.settings.dead_letter_queue_url, hidden_seconds)


def _admitted(arguments: Namespace, sweep: Sweep) -> list[Letter]:
    wanted = Filter(arguments.form, arguments.destination, arguments.reason, arguments.submission)
    return [letter for letter in map(Letter.of, sweep) if wanted.admits(letter)]


def _is(letter: Letter, wanted: str) -> bool:
    return wanted in (letter.submission_id, letter.received.message_id)


def _body(letter: Letter) -> Any:
    try:
        return json.loads(letter.received.body)
    except ValueError:
        return letter.received.body


def _tell_unseen(console: Console, number: int) -> None:
    if number:
        console.complain(f"about {counted(number, 'more message')} could not be looked at: in other hands just now")
