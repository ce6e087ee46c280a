"""`relay holds`: destinations whose deliveries wait for working credentials."""

from __future__ import annotations

from typing import Any

from typer import Context

from cli.deployment import Deployment
from cli.frame.console import counted, iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.ledger_items import scan_prefix
from shared.ledger.gates import PREFIX as GATE

app = commands("Destinations whose deliveries wait for working credentials.")


@app.command()
def holds(context: Context, as_json: Json = False) -> int:
    """Destinations whose deliveries wait for working credentials."""
    session = session_of(context)
    rows = [{"destination": name, **hold} for name, hold in sorted(read_holds(session.connect()).items())]
    if as_json:
        session.console.json({"holds": rows})
        return 0
    session.console.table(rows, ("destination", "held_since", "because", "next_try"))
    session.console.say(f"{counted(len(rows), 'destination')} held")
    return 0


def read_holds(deployment: Deployment) -> dict[str, dict[str, Any]]:
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
