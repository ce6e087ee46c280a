"""`relay waiting`: what is undelivered, by destination and reason, and a way to hurry one.

SQS shows nobody a message that waits for its time. What the retry function has tried is in the ledger, what is due is
visible in the queue; the rest waits for a destination that takes nothing now, and can only be counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from botocore.exceptions import ClientError
from typer import Argument, Context, Option

from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from cli.frame.console import counted
from cli.frame.options import DestinationName, FormId, Json
from cli.frame.results import Results
from cli.frame.session import commands, session_of
from cli.waiting.deliveries import all_waiting, closed_destinations, known_deliveries, totals
from shared.errors import ConfigurationError
from shared.ledger import retries
from shared.ledger.retries import Retry

TOTALS = ("destination", "reason", "deliveries", "oldest", "next_try")
EACH = ("submission_id", "form", "destination", "reason", "attempts", "first_failed_at", "next_try", "last_error")

_OUT_OF_REACH = frozenset({"MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"})
"""What SQS answers where the message is visible already, or was handed out again ("ChangeMessageVisibility")."""

app = commands("List what is undelivered, by destination and reason; hurry one.")


@app.command("list")
def list_waiting(
    context: Context,
    form: FormId = None,
    destination: DestinationName = None,
    each: Annotated[bool, Option("--each", help="One line per delivery instead of totals.")] = False,
    as_json: Json = False,
) -> int:
    """List what is undelivered, by destination and reason, without personal data."""
    session = session_of(context)
    deployment, console = session.connect(), session.console
    known, depth = known_deliveries(deployment, console)
    rows = [
        row
        for _, row in sorted(known.items())
        if form in (None, row["form"]) and destination in (None, row["destination"])
    ]
    unlisted = max(0, depth.visible + depth.hidden - len(known))
    closed = closed_destinations(deployment)
    if as_json:
        console.json({"totals": totals(rows), "deliveries": rows, "unlisted": unlisted, "closed": closed})
        return 0
    console.table(rows, EACH) if each else console.table(totals(rows), TOTALS)
    console.say(f"{counted(len(rows), 'delivery', 'deliveries')} waiting")
    if unlisted:
        console.say(f"about {unlisted} more wait without having been tried again")
    for gate in closed:
        console.say(f"{gate['destination']} takes nothing now: {gate['because']}")
    return 0


@app.command()
def hurry(
    context: Context,
    submission_ids: Annotated[list[str] | None, Argument(metavar="[ID...]", help="Submission ids.")] = None,
    destination: DestinationName = None,
    as_json: Json = False,
) -> int:
    """Let waiting deliveries be tried at once: those of sign-ups, or all of a destination."""
    session = session_of(context)
    if not (submission_ids or destination):
        raise ConfigurationError("name what to hurry: submission ids, or --destination")
    deployment = session.connect()
    results = Results(session.console, "hurried", as_json=as_json)
    for submission_id in submission_ids or ():
        waiting = _waiting_of(deployment, submission_id, destination)
        if not waiting:
            results.refuse(submission_id, f"{submission_id}: none of its deliveries waits for another attempt")
        _hurry(waiting, results, deployment)
    if not submission_ids:
        _hurry([retry for retry in all_waiting(deployment) if retry.destination == destination], results, deployment)
    return results.end()


def _hurry(waiting: Iterable[Retry], results: Results, deployment: Deployment) -> None:
    for retry in waiting:
        name = f"{retry.submission_id} to {retry.destination}"
        if _make_visible(retry, deployment):
            results.add({"submission_id": retry.submission_id, "destination": retry.destination}, f"hurried {name}")
        else:
            results.refuse(name, f"{name}: cannot be hurried: it is looked at again by itself, within half an hour")


def _make_visible(retry: Retry, deployment: Deployment) -> bool:
    url = deployment.settings.retry_queue_url
    try:
        deployment.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=retry.handle, VisibilityTimeout=0)
    except ClientError as error:
        if error.response["Error"].get("Code", "").rpartition(".")[2] in _OUT_OF_REACH:
            return False
        raise
    return True


def _waiting_of(deployment: Deployment, submission_id: str, destination: str | None) -> list[Retry]:
    names = [destination] if destination else list(destinations_by_name(deployment.forms))
    found = retries.read(deployment.table, submission_id, names)
    return [retry for retry in found if retry.state == retries.WAITING and retry.handle]
