"""`relay status` and `relay holds`: how much waits where, and which destinations are out of order."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cli.console import Console, counted, moment
from cli.dead_letters.letters import Letter
from cli.deployment import Connect, Deployment
from cli.destinations import by_name
from cli.ledger_items import scan_prefix
from cli.visible_messages import Sweep, depth
from shared.delivery.circuit import PREFIX as CIRCUIT
from shared.ledger.holds import PREFIX as HOLD


def add_arguments(parser: ArgumentParser) -> None:
    """Describe `relay status`."""
    parser.add_argument("--json", action="store_true", help="answer for machines")
    parser.set_defaults(run=_status)


def add_holds_arguments(parser: ArgumentParser) -> None:
    """Describe `relay holds`."""
    parser.add_argument("--json", action="store_true", help="answer for machines")
    parser.set_defaults(run=_holds)


def _status(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    settings = deployment.settings
    queues = {
        "retry": asdict(depth(deployment.sqs, settings.retry_queue_url)),
        "dead_letters": asdict(depth(deployment.sqs, settings.dead_letter_queue_url)),
    }
    with Sweep(deployment, settings.dead_letter_queue_url) as sweep:
        letters = [Letter.of(received) for received in sweep]
    oldest = moment(letters[0].received.sent_at) if letters else None
    rows = _destinations(deployment, Counter(letter.destination for letter in letters))
    if arguments.json:
        console.json({"queues": queues, "oldest_dead_letter": oldest, "destinations": rows})
        return 0
    console.table([{"queue": name, **numbers} for name, numbers in queues.items()], ("queue", *queues["retry"]))
    console.say(f"oldest dead letter: {oldest or 'none'}\n")
    console.table(rows, ("destination", "circuit", "held_since", "dead_letters"))
    return 0


def _holds(arguments: Namespace, console: Console, connect: Connect) -> int:
    held = [
        {
            "destination": name,
            "held_since": moment(hold["hold_since"] / 1000),
            "next_try": moment(hold["probe_at"] / 1000),
        }
        for name, hold in sorted(_named(connect(), HOLD).items())
        if hold.get("hold_since")
    ]
    if arguments.json:
        console.json({"holds": held})
        return 0
    console.table(held, ("destination", "held_since", "next_try"))
    console.say(f"{counted(len(held), 'destination')} held")
    return 0


def _destinations(deployment: Deployment, letters: Mapping[str, int]) -> list[dict[str, Any]]:
    circuits, holds = _named(deployment, CIRCUIT), _named(deployment, HOLD)
    names = {*by_name(deployment.forms), *circuits, *holds, *letters}
    return [
        {
            "destination": name,
            "circuit": str(circuits.get(name, {}).get("state", "closed")).lower(),
            "held_since": _since(holds.get(name, {})),
            "dead_letters": letters.get(name, 0),
        }
        for name in sorted(names)
    ]


def _since(hold: Mapping[str, Any]) -> str | None:
    return moment(hold["hold_since"] / 1000) if hold.get("hold_since") else None


def _named(deployment: Deployment, prefix: str) -> dict[str, dict[str, Any]]:
    return {item["id"].removeprefix(prefix): item for item in scan_prefix(deployment, prefix)}
