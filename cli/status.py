"""`relay status`: what waits in the queues, and which destinations do not deliver now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from cli.waiting.deliveries import all_waiting, number_unlisted, told_unlisted
from shared.ledger.gates import Gate
from shared.ledger.retries import Retry

COLUMNS = ("destination", "circuit", "held_since", "waiting", "oldest_waiting", "dead_letters")

app = commands("Queues, circuits, holds and what waits, by destination.")


@app.command()
def status(context: Context, as_json: Json = False) -> int:
    """Queues, circuits, holds and what waits, by destination."""
    session = session_of(context)
    deployment, console = session.connect(), session.console
    settings = deployment.settings
    queued, dead = (depth(deployment.sqs, url) for url in (settings.retry_queue_url, settings.dead_letter_queue_url))
    queues = {"retry": asdict(queued), "dead_letters": asdict(dead)}
    with (
        console.progress("Reading the dead letters") as advance,
        VisibleMessages(deployment, settings.dead_letter_queue_url, advance=advance) as messages,
    ):
        letters = [Letter.of(message) for message in messages]
    oldest = iso_time(letters[0].received.sent_at) if letters else None
    with console.progress("Reading the ledger"):
        waiting = list(all_waiting(deployment))
        rows = _destinations(deployment, waiting, Counter(letter.destination for letter in letters))
    unlisted = number_unlisted(waiting, queued)
    if as_json:
        record = {"queues": queues, "oldest_dead_letter": oldest, "destinations": rows, "unlisted": unlisted}
        console.json(record)
        return 0
    console.table([{"queue": name, **numbers} for name, numbers in queues.items()], ("queue", *queues["retry"]))
    console.say(f"oldest dead letter: {oldest or 'none'}\n")
    hidden = {"waiting": unlisted, "dead_letters": dead.hidden}
    known = [{**row, **{name: _at_least(row[name], number) for name, number in hidden.items()}} for row in rows]
    console.table(known, COLUMNS)
    if unlisted:
        console.say(told_unlisted(unlisted, waiting))
    return 0


def _at_least(known: int, hidden: int) -> str:
    """Return a destination's number, where SQS hides some messages that may be of any destination."""
    if not hidden:
        return str(known)
    return f"at least {known}" if known else "not known"


def _destinations(deployment: Deployment, waiting: Iterable[Retry], letters: Mapping[str, int]) -> list[dict[str, Any]]:
    gates, failed_at = read_gates(deployment), defaultdict(list)
    for retry in waiting:
        failed_at[retry.destination].append(retry.first_failed_at)
    names = {*destinations_by_name(deployment.forms), *gates, *failed_at, *letters}
    return [_row(name, gates.get(name, Gate()), failed_at[name], letters.get(name, 0)) for name in sorted(names)]


def _row(name: str, gate: Gate, failed_at: Sequence[int], letters: int) -> dict[str, Any]:
    return {
        "destination": name,
        "circuit": circuit_state(gate),
        "held_since": iso_time(gate.held_since / 1000) if gate.held_since is not None else None,
        "waiting": len(failed_at),
        "oldest_waiting": iso_time(min(failed_at) / 1000) if failed_at else None,
        "dead_letters": letters,
    }
