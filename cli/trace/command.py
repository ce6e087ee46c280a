"""`relay trace`: what became of one sign-up at each destination, without personal data."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Context

from cli.deployment import Deployment
from cli.frame.console import iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.gates import closed_because, read_gates
from cli.trace.evidence import Evidence, gather
from cli.trace.verdict import COLUMNS, row_of, verdicts
from shared.forms import Form, FormBroken, FormNotFound

app = commands("What became of one sign-up, at each destination.")


@app.command()
def trace(
    context: Context,
    submission_id: Annotated[
        str, Argument(metavar="SUBMISSION_ID", help="As the visitor's answer and the log name it.")
    ],
    as_json: Json = False,
) -> int:
    """What became of one sign-up, at each destination. Exit code 1 if nothing is known of it."""
    session = session_of(context)
    deployment, console = session.connect(), session.console
    found = gather(submission_id, deployment, console)
    if found.is_empty:
        console.warn(f"nothing is known of {submission_id}: it was never accepted, or is forgotten by now")
        return 1
    record = _record(found, deployment)
    if as_json:
        console.json(record)
        return 0
    console.say(f"sign-up {submission_id}")
    for name in ("form", "received_at", "consent_receipt", "quarantine"):
        console.say(f"{name.replace('_', ' ')}: {record[name] or 'none'}")
    console.say("")
    console.table(record["destinations"], COLUMNS)
    return 0


def _record(found: Evidence, deployment: Deployment) -> dict[str, Any]:
    now = deployment.wall_clock()
    gates = {name: closed_because(gate, now) for name, gate in read_gates(deployment).items()}
    closed = {name: because for name, because in gates.items() if because}
    judged = [] if found.suspect else verdicts(found, _form(found, deployment), closed, now)
    return {
        "submission_id": found.submission_id,
        "form": found.form,
        "received_at": iso_time(found.received_at / 1000) if found.received_at else None,
        "consent_receipt": "kept" if found.receipt else None,
        "quarantine": found.suspect["reason"] if found.suspect else None,
        "destinations": [row_of(verdict) for verdict in judged],
    }


def _form(found: Evidence, deployment: Deployment) -> Form | None:
    try:
        return deployment.forms.get(found.form) if found.form else None
    except (FormNotFound, FormBroken):
        return None
