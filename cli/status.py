"""`relay status` and `relay holds`: what waits in the queues, and which destinations do not deliver now."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cli.console import Console, counted, iso_time
from cli.dead_letters.letters import Letter
from cli.deployment import Connect, Deployment
from cli.destinations import destinations_by_name
from cli.ledger_items import scan_prefix
from cli.visible_messages import VisibleMessages, depth
from shared.ledger.gates import PREFIX as GATE


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of `relay status`."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_status)


def add_holds_arguments(parser: ArgumentParser) -> None:
    """Add the options of `relay holds`."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_holds)


def _status(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    settings = deployment.settings
    queues = {
        "retry": asdict(depth(deployment.sqs, settings.retry_queue_url)),
        "dead_letters": asdict(depth(deployment.sqs, settings.dead_letter_queue_url)),
    }
    with VisibleMessages(deployment, settings.dead_letter_queue_url) as messages:
        letters = [Letter.of(message) for message in messages]
    oldest = iso_time(letters[0].received.sent_at) if letters else None
    rows = _destinations(deployment, Counter(letter.destination for letter in letters))
    if arguments.json:
        console.json({"queues": queues, "oldest_dead_letter": oldest, "destinations": rows})
        return 0
    console.table([{"queue": name, **numbers} for name, numbers in queues.items()], ("queue", *queues["retry"]))
    console.say(f"oldest dead letter: {oldest or 'none'}\n")
    console.table(rows, ("destination", "circuit", "held_since", "dead_letters"))
    return 0


def _holds(arguments: Namespace, console: Console, connect: Connect) -> int:
    rows = [{"destination": name, **hold} for name, hold in sorted(_read_holds(connect()).items())]
    if arguments.json:
        console.json({"holds": rows})
        return 0
    console.table(rows, ("destination", "held_since", "because", "next_try"))
    console.say(f"{counted(len(rows), 'destination')} held")
    return 0


def _destinations(deployment: Deployment, letters: Mapping[str, int]) -> list[dict[str, Any]]:
    gates = {item["id"].removeprefix(GATE): item for item in scan_prefix(deployment, GATE)}
    circuits = {name: item["circuit"]["state"] for name, item in gates.items() if item.get("circuit")}
    holds = _read_holds(deployment)
    names = {*destinations_by_name(deployment.forms), *circuits, *holds, *letters}
    return [
        {
            "destination": name,
            "circuit": str(circuits.get(name, "closed")).lower(),
            "held_since": holds[name]["held_since"] if name in holds else None,
            "dead_letters": letters.get(name, 0),
        }
        for name in sorted(names)
    ]


def _read_holds(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the current holds by destination."""
    return {
        item["id"].removeprefix(GATE): {
            "held_since": iso_time(item["held_since"] / 1000),
            "because": item.get("held_because"),
            "next_try": iso_time(item["probe_at"] / 1000),
        }
        for item in scan_prefix(deployment, GATE)
        if item.get("held_since")
    }
