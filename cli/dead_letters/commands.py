"""`relay dead-letters`: list, show, replay and drop deliveries that no retry can mend."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import Any

from cli.console import Console, counted
from cli.dead_letters.letters import Filter, Letter
from cli.dead_letters.replay import replay
from cli.deployment import Connect, Deployment
from cli.visible_messages import VISIBILITY_SECONDS, VisibleMessages, depth

COLUMNS = ("submission_id", "form", "destination", "reason", "attempts", "first_failed_at", "message_id", "cause")
DEFAULT_RATE = 10.0
"""Messages a second."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = _command(commands, "list", _list, "list them, without personal data")
    listing.add_argument("--json", action="store_true", help="print JSON")
    showing = commands.add_parser("show", help="print one in full, with personal data")
    showing.add_argument("id", metavar="ID", help="submission id or message id")
    showing.set_defaults(run=_show)
    replaying = _command(commands, "replay", _replay, "put them back into the retry queue")
    replaying.add_argument("--dry-run", action="store_true", help="only print which")
    replaying.add_argument("--rate", type=_rate, default=DEFAULT_RATE, metavar="N/s", help="at most N a second (10/s)")
    replaying.add_argument("--limit", type=_limit, metavar="N", help="at most N, the oldest first")
    dropping = _command(commands, "drop", _drop, "delete them for good")
    dropping.add_argument("--yes", action="store_true", help="delete; without this only print which")


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
    with _dead_letters(connect()) as messages:
        rows, hidden = [letter.row for letter in _matching(arguments, messages)], messages.depth.hidden
    if arguments.json:
        console.json({"dead_letters": rows, "hidden": hidden})
        return 0
    console.table(rows, COLUMNS)
    console.say(counted(len(rows), "dead letter"))
    _warn_of_hidden(console, hidden)
    return 0


def _show(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _dead_letters(connect()) as messages:
        found = [letter for letter in map(Letter.of, messages) if _has_id(letter, arguments.id)]
        hidden = messages.depth.hidden
    for letter in found:
        console.json({**letter.row, **letter.answer, "body": _body(letter)})
    if not found:
        console.warn(f"no dead letter has the id {arguments.id}")
        _warn_of_hidden(console, hidden)
    return 0 if found else 1


def _replay(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    waiting = depth(deployment.sqs, deployment.settings.dead_letter_queue_url).visible
    # Hidden for as long as the replay may take, so that no letter comes back and is replayed twice.
    with _dead_letters(deployment, VISIBILITY_SECONDS + 2 * waiting / arguments.rate) as messages:
        letters = _matching(arguments, messages)
        readable = [(letter, letter.message) for letter in letters if letter.message is not None][: arguments.limit]
        for letter, message in readable:
            if not arguments.dry_run:
                replay(message, deployment)
                messages.delete(letter.received)
                deployment.sleep(1 / arguments.rate)
            console.say(f"{'would replay' if arguments.dry_run else 'replayed'} {letter}")
    unreadable = [letter for letter in letters if letter.message is None]
    for letter in unreadable:
        console.warn(f"cannot be replayed, its body is not a message: {letter.received.message_id}")
    console.say(f"{counted(len(readable), 'dead letter')} {'would be replayed' if arguments.dry_run else 'replayed'}")
    return 1 if unreadable else 0


def _drop(arguments: Namespace, console: Console, connect: Connect) -> int:
    with _dead_letters(connect()) as messages:
        letters = _matching(arguments, messages)
        for letter in letters:
            if arguments.yes:
                messages.delete(letter.received)
            console.say(f"{'dropped' if arguments.yes else 'would drop'} {letter}")
    console.say(f"{counted(len(letters), 'dead letter')} {'dropped' if arguments.yes else 'would be dropped'}")
    if letters and not arguments.yes:
        console.warn("preview only: repeat with --yes to drop")
    return 0


def _dead_letters(deployment: Deployment, visibility_seconds: float = VISIBILITY_SECONDS) -> VisibleMessages:
    return VisibleMessages(deployment, deployment.settings.dead_letter_queue_url, visibility_seconds)


def _matching(arguments: Namespace, messages: VisibleMessages) -> list[Letter]:
    wanted = Filter(arguments.form, arguments.destination, arguments.reason, arguments.submission)
    return [letter for letter in map(Letter.of, messages) if wanted.matches(letter)]


def _has_id(letter: Letter, wanted: str) -> bool:
    return wanted in (letter.submission_id, letter.received.message_id)


def _body(letter: Letter) -> Any:
    try:
        return json.loads(letter.received.body)
    except ValueError:
        return letter.received.body


def _warn_of_hidden(console: Console, number: int) -> None:
    if number:
        console.warn(f"about {counted(number, 'more message')} could not be read: delayed, or being read by another")
