"""`relay quarantine`: list, show, release and drop suspected spam.

A release keeps the time at which the sign-up was sent, so anything newer from the same person wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any

from typer import Argument, Context, Option

from cli import ledger_items
from cli.deployment import Deployment
from cli.frame.console import counted, iso_time
from cli.frame.ids import completed, whole_id
from cli.frame.options import FormId, Json
from cli.frame.results import Results
from cli.frame.session import commands, session_of
from cli.known_names import warn_of_unknown
from shared.aws.dynamodb import Item
from shared.forms import Form, FormBroken, FormNotFound
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.destination import SkipReason, skip_reason
from shared.forms.invalid_fields import InvalidFields
from shared.ledger.answers import Told
from shared.ledger.quarantine import PREFIX, released
from shared.queue.messages import Message
from shared.submission import Submission

_RELEASED: dict[SkipReason | None, str] = {
    None: "queued for delivery",
    "condition": "not delivered: the sign-up does not match its condition",
    "no-identity": "not delivered: the sign-up has nothing that the vendor knows people by",
}
"""What a release does at a destination, by why the destination skips the sign-up."""
NOT_THERE = "{}: not in quarantine"
COLUMNS = ("submission_id", "form", "reason", "received_at", "kept_until")


app = commands("List, show, release or drop suspected spam.")

Id = Annotated[str, Argument(metavar="ID", help="Submission id, or how it begins.")]
Ids = Annotated[list[str], Argument(metavar="ID...", help="Submission ids, or how they begin.")]
WholeIds = Annotated[list[str], Argument(parser=whole_id, metavar="ID...", help="Submission ids, whole.")]


@app.command("list")
def list_suspects(context: Context, form: FormId = None, as_json: Json = False) -> int:
    """List them, without personal data."""
    session = session_of(context)
    deployment = session.connect()
    with session.console.progress("Reading the ledger"):
        items = list(ledger_items.scan_prefix(deployment, PREFIX))
    warn_of_unknown(session.console, deployment, form=form, seen=((item["form"], "") for item in items))
    matching = [item for item in items if form in (None, item["form"])]
    rows = [_row(item) for item in sorted(matching, key=lambda item: int(item["received_at"]))]
    if as_json:
        session.console.json({"quarantine": rows})
        return 0
    session.console.table(rows, COLUMNS)
    session.console.say(counted(len(rows), "suspected sign-up"))
    return 0


@app.command()
def show(context: Context, submission_id: Id, as_json: Json = False) -> int:
    """Print one in full, with personal data. It is JSON in any case."""
    session = session_of(context)
    deployment = session.connect()
    [submission_id] = _whole_ids([submission_id], deployment)
    item = ledger_items.read(deployment, PREFIX + submission_id)
    if item is None:
        session.console.warn(NOT_THERE.format(submission_id))
        return 1
    session.console.json({**_row(item), "page": item["page"] or None, "submitted": json.loads(item["submitted"])})
    return 0


@app.command()
def release(context: Context, submission_ids: Ids, as_json: Json = False) -> int:
    """Deliver sign-ups that are no spam."""
    session = session_of(context)
    deployment = session.connect()
    results = Results(session.console, "released", as_json=as_json)
    for submission_id in _whole_ids(submission_ids, deployment):
        _release(submission_id, results, deployment)
    return results.end()


@app.command()
def drop(
    context: Context,
    submission_ids: WholeIds,
    yes: Annotated[bool, Option("--yes", help="Required: this cannot be undone.")],
    as_json: Json = False,
) -> int:
    """Delete before the 30 days are over."""
    session = session_of(context)
    deployment = session.connect()
    results = Results(session.console, "dropped", as_json=as_json)
    for submission_id in submission_ids:
        if ledger_items.read(deployment, PREFIX + submission_id) is None:
            results.refuse(submission_id, NOT_THERE.format(submission_id))
        else:
            deployment.table.delete(PREFIX + submission_id)
            results.add(submission_id, f"dropped {submission_id}")
    return results.end()


def _whole_ids(given: Iterable[str], deployment: Deployment) -> list[str]:
    @cache
    def kept() -> list[str]:
        return [str(item["id"]).removeprefix(PREFIX) for item in ledger_items.scan_prefix(deployment, PREFIX)]

    return [completed(each, kept, "quarantine list") for each in given]


def _release(submission_id: str, results: Results, deployment: Deployment) -> None:
    item = ledger_items.read(deployment, PREFIX + submission_id)
    if item is None:
        results.refuse(submission_id, NOT_THERE.format(submission_id))
        return
    try:
        form = deployment.forms.get(item["form"])
        submission = _submission(item, form, submission_id)
    except (FormNotFound, FormBroken) as error:
        results.refuse(submission_id, f"{submission_id}: not released: form {item['form']}: {error}")
        return
    except InvalidFields as refused:
        codes = ", ".join(f"{error.field}: {error.code}" for error in refused.errors)
        results.refuse(submission_id, f"{submission_id}: not released: the form refuses {codes}")
        return
    # Queued before it is deleted: a crash in between queues it twice, and the late-write guard delivers it once.
    # Those that skip it get it, too: whoever gets it first keeps the consent receipt.
    deployment.queues.retry([(message, 0.0) for message in _messages(form, submission, deployment)])
    skipped = {each.name: skip_reason(each, submission) for each in form.destinations}
    told: dict[str, Told] = {name: ("skipped" if why else "queued", why) for name, why in skipped.items()}
    deployment.table.put(released(item, told, deployment.wall_clock()))
    deployment.table.delete(item["id"])
    said = {name: _RELEASED[why] for name, why in skipped.items()}
    lines = [f"released {submission_id}", *(f"  {name}: {text}" for name, text in said.items())]
    results.add({"submission_id": submission_id, "destinations": said}, "\n".join(lines))


def _submission(item: Item, form: Form, submission_id: str) -> Submission:
    context = SubmissionContext(
        submission_id=submission_id,
        received_at=item["received_at"],
        page=item["page"] or None,
        caller=item["caller"] or None,
        flags=("released",),
    )
    return build_submission(form, json.loads(item["submitted"]), context)


def _messages(form: Form, submission: Submission, deployment: Deployment) -> list[Message]:
    now = int(deployment.wall_clock() * 1000)
    return [
        Message(destination=destination.name, submission=submission, first_failed_at=now, queued_at=now)
        for destination in form.destinations
    ]


def _row(item: Item) -> dict[str, Any]:
    return {
        "submission_id": item["id"].removeprefix(PREFIX),
        "form": item["form"],
        "reason": item["reason"],
        "received_at": iso_time(item["received_at"] / 1000),
        "kept_until": iso_time(item["expiration"]),
    }
