"""`relay status`: what waits in the queues, and which destinations do not deliver now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from typer import Context

from cli.dead_letters.letters import Letter
from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from cli.frame.console import iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.gates import circuit_state, read_gates
from cli.visible_messages import VisibleMessages, depth
from shared.ledger.gates import Gate

app = commands("Queues, circuits and holds, by destination.")


@app.command()
def status(context: Context, as_json: Json = False) -> int:
    """Queues, circuits and holds, by destination."""
    session = session_of(context)
    deployment, console = session.connect(), session.console
    settings = deployment.settings
    queues = {
        "retry": asdict(depth(deployment.sqs, settings.retry_queue_url)),
        "dead_letters": asdict(depth(deployment.sqs, settings.dead_letter_queue_url)),
    }
    with (
        console.progress("Reading the dead letters") as advance,
        VisibleMessages(deployment, settings.dead_letter_queue_url, advance=advance) as messages,
    ):
        letters = [Letter.of(message) for message in messages]
    oldest = iso_time(letters[0].received.sent_at) if letters else None
    rows = _destinations(deployment, Counter(letter.destination for letter in letters))
    if as_json:
        console.json({"queues": queues, "oldest_dead_letter": oldest, "destinations": rows})
        return 0
    console.table([{"queue": name, **numbers} for name, numbers in queues.items()], ("queue", *queues["retry"]))
    console.say(f"oldest dead letter: {oldest or 'none'}\n")
    console.table(rows, ("destination", "circuit", "held_since", "dead_letters"))
    return 0


def _destinations(deployment: Deployment, letters: Mapping[str, int]) -> list[dict[str, Any]]:
    gates = read_gates(deployment)
    names = {*destinations_by_name(deployment.forms), *gates, *letters}
    return [_row(name, gates.get(name, Gate()), letters.get(name, 0)) for name in sorted(names)]


def _row(name: str, gate: Gate, letters: int) -> dict[str, Any]:
    return {
        "destination": name,
        "circuit": circuit_state(gate),
        "held_since": iso_time(gate.held_since / 1000) if gate.held_since is not None else None,
        "dead_letters": letters,
    }
