"""`relay waiting`: what is undelivered, by destination and reason, and a way to hurry one.

SQS shows nobody a message that waits for its time. What the retry function has tried is in the ledger, what is due is
visible in the queue; the rest waits for a destination that takes nothing now, and can only be counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from operator import itemgetter
from typing import Annotated

from botocore.exceptions import ClientError
from typer import Argument, Context, Option

from cli.deployment import Deployment
from cli.destinations import NO_DESTINATION, destinations_by_name, has_destination
from cli.frame.console import Console, counted
from cli.frame.ids import completed
from cli.frame.options import DestinationName, FormId, Json
from cli.frame.results import Results
from cli.frame.session import commands, session_of
from cli.gates import gates_now
from cli.known_names import warn_of_unknown
from cli.trace.in_sight import look
from cli.trace.whole_ids import whole_ids
from cli.visible_messages import depth
from cli.waiting.deliveries import OUT_OF_SIGHT, all_waiting, known_deliveries, number_unlisted, told_unlisted, totals
from cli.waiting.explanations import Explanations
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
    gates = gates_now(deployment)
    known, queued = known_deliveries(deployment, gates, console)
    rows = [
        row
        for row in sorted(known.values(), key=itemgetter("destination", "first_failed_at"))
        if form in (None, row["form"]) and destination in (None, row["destination"])
    ]
    warn_of_unknown(
        console,
        deployment,
        form=form,
        destination=destination,
        seen=((row["form"], row["destination"]) for row in known.values()),
    )
    unlisted = number_unlisted(known, queued)
    if as_json:
        closed = [{"destination": name, "because": because} for name, because in gates.closed.items()]
        console.json({"totals": totals(rows), "deliveries": rows, "unlisted": unlisted, "closed": closed})
        return 0
    console.table(rows, EACH) if each else console.table(totals(rows), TOTALS)
    if rows or not unlisted:
        console.say(f"{counted(len(rows), 'delivery', 'deliveries')} waiting")
    if unlisted:
        console.say(told_unlisted(unlisted, rows))
    for name, because in gates.closed.items():
        console.say(f"{name} takes nothing now: {because}")
    for form_id, name in sorted({(row["form"], row["destination"]) for row in rows}):
        if not has_destination(deployment.forms, form_id, name):
            console.say(f"{name} of {form_id}: {NO_DESTINATION}")
    return 0


@app.command()
def hurry(
    context: Context,
    submission_ids: Annotated[
        list[str] | None, Argument(metavar="[ID...]", help="Submission ids, or how they begin.")
    ] = None,
    destination: DestinationName = None,
    as_json: Json = False,
) -> int:
    """Let waiting deliveries be tried at once: those of sign-ups, or all of a destination."""
    session = session_of(context)
    if not (submission_ids or destination):
        raise ConfigurationError("name what to hurry: submission ids, or --destination")
    deployment, console = session.connect(), session.console
    results, hurried, why_none = Results(console, "hurried", as_json=as_json), 0, None
    explanations = Explanations(deployment, console)
    for submission_id in _whole_ids(submission_ids or (), deployment, console):
        waiting = _waiting_of(deployment, submission_id, destination)
        # Asked before: a look at the queue receives what was hurried.
        others = list(explanations.of_others(submission_id, {retry.destination for retry in waiting}, destination))
        hurried += _hurry(waiting, results, explanations, deployment)
        for reason in others:
            results.refuse(submission_id, reason)
    if not submission_ids:
        every = list(all_waiting(deployment))
        seen = ((retry.form, retry.destination) for retry in every)
        is_unknown = warn_of_unknown(console, deployment, destination=destination, seen=seen)
        waiting = [retry for retry in every if retry.destination == destination]
        hurried = _hurry(waiting, results, explanations, deployment)
        if is_unknown:
            why_none = "there is no such destination"
        elif not hurried:
            why_none = _why_none(str(destination), every, explanations, deployment)
    total = f"{counted(hurried, 'delivery', 'deliveries')} hurried"
    if why_none:
        results.refuse_in_total(destination, why_none)
        total = f"{total}: {why_none}"
    return results.end(total)


def _whole_ids(given: Iterable[str], deployment: Deployment, console: Console) -> list[str]:
    in_sight = cache(partial(look, deployment, console))

    def known(beginning: str) -> list[str]:
        return whole_ids(beginning, in_sight(), deployment, console)

    return [completed(each, partial(known, each), f"trace {each}") for each in given]


def _why_none(destination: str, listed: list[Retry], explanations: Explanations, deployment: Deployment) -> str | None:
    """Return why nothing was hurried; None where nothing waits."""
    unlisted = number_unlisted(listed, depth(deployment.sqs, deployment.settings.retry_queue_url))
    if unlisted or any(retry.destination == destination for retry in listed):
        closed = explanations.closed(destination)
        others = f"about {unlisted} wait, for this destination or others: due now, or out of sight {OUT_OF_SIGHT}"
        return closed or (others if unlisted else None)
    return None


def _hurry(waiting: Iterable[Retry], results: Results, explanations: Explanations, deployment: Deployment) -> int:
    """Make messages visible; returns how many."""
    hurried = 0
    for retry in waiting:
        name = f"{retry.submission_id} to {retry.destination}"
        if not _make_visible(retry, deployment):
            results.refuse(name, f"{name}: cannot be hurried: {explanations.out_of_reach(retry)}")
            continue
        hurried += 1
        closed = explanations.closed(retry.destination)
        done = f"hurried {name}, but {closed}" if closed else f"hurried {name}"
        results.add({"submission_id": retry.submission_id, "destination": retry.destination}, done)
    return hurried


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
