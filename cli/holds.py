"""`relay holds`: destinations whose deliveries wait for working credentials."""

from __future__ import annotations

from typer import Context

from cli.deployment import Deployment
from cli.frame.console import counted, iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.gates import read_gates
from cli.visible_messages import depth
from cli.waiting.deliveries import all_waiting, number_unlisted

NOTHING_WAITS = (
    "nothing waits for it now: it ends with the next sign-up; relay check --live {} tells whether the key works"
)

app = commands("Destinations whose deliveries wait for working credentials.")


@app.command()
def holds(context: Context, as_json: Json = False) -> int:
    """Destinations whose deliveries wait for working credentials."""
    session = session_of(context)
    deployment = session.connect()
    rows = [
        {
            "destination": name,
            "held_since": iso_time(gate.held_since / 1000),
            "because": gate.held_because or None,
            "next_try": iso_time(gate.probe_at / 1000),
        }
        for name, gate in sorted(read_gates(deployment).items())
        if gate.held_since is not None
    ]
    if as_json:
        session.console.json({"holds": rows})
        return 0
    session.console.table(rows, ("destination", "held_since", "because", "next_try"))
    session.console.say(f"{counted(len(rows), 'destination')} held")
    for name in _idle([str(row["destination"]) for row in rows], deployment):
        session.console.say(f"{name}: {NOTHING_WAITS.format(name)}")
    return 0


def _idle(held: list[str], deployment: Deployment) -> list[str]:
    """Return those for which nothing waits. What SQS does not show may wait for any of them."""
    if not held:
        return []
    listed = list(all_waiting(deployment))
    if number_unlisted(listed, depth(deployment.sqs, deployment.settings.retry_queue_url)):
        return []
    awaited = {retry.destination for retry in listed}
    return [name for name in held if name not in awaited]
