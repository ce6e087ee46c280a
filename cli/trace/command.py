"""`relay trace`: what became of one sign-up at each destination, without personal data."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Context

from cli.deployment import Deployment
from cli.frame.console import Console, iso_time
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.trace.evidence import Evidence, gather
from cli.trace.in_sight import look
from cli.trace.judging import judged
from cli.trace.verdict import COLUMNS, row_of
from cli.trace.whole_ids import whole_ids

ALWAYS = ("destination", "state", "failed_attempts", "at")
"""Columns that are printed even where they are empty."""

SHOWN = 10
"""Ids that are told where several begin alike."""

RUNBOOK = "docs/operations.md#what-became-of-a-sign-up"

app = commands("What became of one sign-up, at each destination.")


@app.command()
def trace(
    context: Context,
    submission_id: Annotated[
        str, Argument(metavar="SUBMISSION_ID", help="As the visitor's answer and the log name it, or how it begins.")
    ],
    as_json: Json = False,
) -> int:
    """What became of one sign-up, at each destination. Exit code 1 if none is known by that id, or several are."""
    session = session_of(context)
    deployment, console = session.connect(), session.console
    in_sight = look(deployment, console)
    match whole_ids(submission_id, in_sight, deployment, console):
        case []:
            found = None
        case [whole]:
            found = gather(whole, in_sight, deployment, console)
        case several:
            console.warn(f"{len(several)} sign-ups begin with {submission_id}; give more of the id, for example")
            for each in several[:SHOWN]:
                console.warn(f"  {each}")
            return 1
    if found is None or found.is_empty:
        console.warn(f"nothing is known of {submission_id}: it was never accepted, or is forgotten by now")
        return 1
    record = _record(found, deployment)
    if as_json:
        console.json(record)
    else:
        _print(record, console)
    return 0


def _print(record: dict[str, Any], console: Console) -> None:
    console.say(f"sign-up {record['submission_id']}")
    console.say(f"form: {record['form'] or 'not known'}")
    console.say(f"received at: {record['received_at'] or 'not known'}")
    for name in ("consent_receipt", "quarantine"):
        console.say(f"{name.replace('_', ' ')}: {record[name] or 'none'}")
    if record["released_at"]:
        console.say(f"released from quarantine: {record['released_at']}")
    if record["quarantine"]:
        console.say(f"nothing was sent to any vendor: relay quarantine show {record['submission_id']}")
    console.say("")
    rows = record["destinations"]
    columns = [column for column in COLUMNS if column in ALWAYS or any(row[column] for row in rows)]
    printed = [{**row, "at": f"by {row['at_latest']}" if row["at_latest"] else row["at"]} for row in rows]
    console.table(printed, [column for column in columns if column != "at_latest"])
    if any(row["state"] == "delivered" and not row["at"] for row in rows):
        console.warn(f"`by` is the latest possible time of a delivery; the exact one is in the log: {RUNBOOK}")
    if any(row["state"] == "unknown" for row in rows):
        console.warn(f"what became of the unknown is in the log: {RUNBOOK}")


def _record(found: Evidence, deployment: Deployment) -> dict[str, Any]:
    return {
        "submission_id": found.submission_id,
        "form": found.form,
        "received_at": iso_time(found.received_at / 1000) if found.received_at else None,
        "consent_receipt": "kept" if found.receipt else None,
        "quarantine": found.suspect["reason"] if found.suspect else None,
        "released_at": iso_time(found.released["released_at"] / 1000) if found.released else None,
        "destinations": [row_of(verdict) for verdict in judged(found, deployment)],
    }
