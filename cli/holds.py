"""`relay holds`: destinations whose deliveries wait for working credentials."""

from __future__ import annotations

from typer import Context

from cli.frame.console import counted, iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.gates import read_gates

app = commands("Destinations whose deliveries wait for working credentials.")


@app.command()
def holds(context: Context, as_json: Json = False) -> int:
    """Destinations whose deliveries wait for working credentials."""
    session = session_of(context)
    rows = [
        {
            "destination": name,
            "held_since": iso_time(gate.held_since / 1000),
            "because": gate.held_because or None,
            "next_try": iso_time(gate.probe_at / 1000),
        }
        for name, gate in sorted(read_gates(session.connect()).items())
        if gate.held_since is not None
    ]
    if as_json:
        session.console.json({"holds": rows})
        return 0
    session.console.table(rows, ("destination", "held_since", "because", "next_try"))
    session.console.say(f"{counted(len(rows), 'destination')} held")
    return 0
