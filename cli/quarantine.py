"""`relay quarantine`: list, show, release and drop suspected spam.

A release keeps the time at which the sign-up was sent, so anything newer from the same person wins.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from cli import ledger_items
from cli.console import Console, counted, iso_time
from cli.deployment import Connect, Deployment
from shared.aws.dynamodb import Item
from shared.forms import Form, FormBroken, FormNotFound
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.destination import SkipReason, skip_reason
from shared.forms.invalid_fields import InvalidFields
from shared.ledger.quarantine import PREFIX
from shared.queue.messages import Message
from shared.submission import Submission

_RELEASED: dict[SkipReason | None, str] = {
    None: "queued for delivery",
    "condition": "not delivered: the sign-up does not match its condition",
    "no-identity": "not delivered: the sign-up has nothing that the vendor knows people by",
}
"""What a release does at a destination, by why the destination skips the sign-up."""
COLUMNS = ("submission_id", "form", "reason", "received_at", "kept_until")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="list them, without personal data")
    listing.add_argument("--form", metavar="ID")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list)
    showing = commands.add_parser("show", help="print one in full, with personal data")
    showing.add_argument("id", metavar="ID", help="submission id")
    showing.set_defaults(run=_show)
    releasing = commands.add_parser("release", help="deliver sign-ups that are no spam")
    releasing.add_argument("ids", metavar="ID", nargs="+", help="submission id")
    releasing.set_defaults(run=_release)
    dropping = commands.add_parser("drop", help="delete before the 30 days are over")
    dropping.add_argument("ids", metavar="ID", nargs="+", help="submission id")
    dropping.add_argument("--yes", action="store_true", required=True, help="required: this cannot be undone")
    dropping.set_defaults(run=_drop)


def _list(arguments: Namespace, console: Console, connect: Connect) -> int:
    items = ledger_items.scan_prefix(connect(), PREFIX)
    matching = [item for item in items if arguments.form in (None, item["form"])]
    rows = [_row(item) for item in sorted(matching, key=lambda item: int(item["received_at"]))]
    if arguments.json:
        console.json({"quarantine": rows})
        return 0
    console.table(rows, COLUMNS)
    console.say(counted(len(rows), "suspected sign-up"))
    return 0


def _show(arguments: Namespace, console: Console, connect: Connect) -> int:
    item = ledger_items.read(connect(), PREFIX + arguments.id)
    if item is None:
        return _missing(arguments.id, console)
    console.json({**_row(item), "page": item["page"] or None, "submitted": json.loads(item["submitted"])})
    return 0


def _release(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    return max(_release_one(submission_id, console, deployment) for submission_id in arguments.ids)


def _release_one(submission_id: str, console: Console, deployment: Deployment) -> int:
    item = ledger_items.read(deployment, PREFIX + submission_id)
    if item is None:
        return _missing(submission_id, console)
    try:
        form = deployment.forms.get(item["form"])
        submission = _submission(item, form, submission_id)
    except (FormNotFound, FormBroken) as error:
        console.warn(f"{submission_id}: not released: form {item['form']}: {error}")
        return 1
    except InvalidFields as refused:
        codes = ", ".join(f"{error.field}: {error.code}" for error in refused.errors)
        console.warn(f"{submission_id}: not released: the form refuses {codes}")
        return 1
    # Queued before it is deleted: a crash in between queues it twice, and the late-write guard delivers it once.
    # Those that skip it get it, too: whoever gets it first keeps the consent receipt.
    deployment.queues.retry([(message, 0.0) for message in _messages(form, submission, deployment)])
    deployment.table.delete(item["id"])
    console.say(f"released {submission_id}")
    for destination in form.destinations:
        console.say(f"  {destination.name}: {_RELEASED[skip_reason(destination, submission)]}")
    return 0


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


def _drop(arguments: Namespace, console: Console, connect: Connect) -> int:
    deployment = connect()
    missing = 0
    for submission_id in arguments.ids:
        if ledger_items.read(deployment, PREFIX + submission_id) is None:
            missing = _missing(submission_id, console)
        else:
            deployment.table.delete(PREFIX + submission_id)
            console.say(f"dropped {submission_id}")
    return missing


def _missing(submission_id: str, console: Console) -> int:
    console.warn(f"{submission_id}: not in quarantine")
    return 1


def _row(item: Item) -> dict[str, Any]:
    return {
        "submission_id": item["id"].removeprefix(PREFIX),
        "form": item["form"],
        "reason": item["reason"],
        "received_at": iso_time(item["received_at"] / 1000),
        "kept_until": iso_time(item["expiration"]),
    }
