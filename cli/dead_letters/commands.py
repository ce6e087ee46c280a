"""`relay dead-letters`: list, show, replay and drop deliveries that no retry can mend."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

from typer import Argument, Context, Option

from cli.dead_letters.letters import Filter, Letter
from cli.dead_letters.outcome import before_replay, counted_states, outcomes
from cli.dead_letters.replay import replay as replay_message
from cli.deployment import Deployment
from cli.frame.console import Console, counted
from cli.frame.ids import completed
from cli.frame.options import DestinationName, FormId, Json, Limit, Rate, SubmissionId
from cli.frame.results import Results
from cli.frame.session import commands, session_of
from cli.known_names import warn_of_unknown
from cli.visible_messages import VISIBILITY_SECONDS, VisibleMessages, depth
from shared.ledger import retries

COLUMNS = ("submission_id", "form", "destination", "reason", "attempts", "first_failed_at", "message_id", "cause")
DEFAULT_RATE = 10.0
"""Messages a second."""

app = commands("List, show, replay or drop deliveries that no retry can mend.")

Reason = Annotated[str | None, Option("--reason", metavar="REASON", help="As listed, e.g. refused or misconfigured.")]


@app.command("list")
def list_letters(
    context: Context,
    form: FormId = None,
    destination: DestinationName = None,
    reason: Reason = None,
    submission: SubmissionId = None,
    as_json: Json = False,
) -> int:
    """List them, without personal data."""
    session = session_of(context)
    wanted = Filter(form, destination, reason, submission)
    deployment = session.connect()
    with _dead_letters(deployment, session.console) as messages:
        letters, hidden = _matching(wanted, messages, deployment, session.console), messages.depth.hidden
    rows = [letter.row for letter in letters]
    if as_json:
        session.console.json({"dead_letters": rows, "hidden": hidden})
        return 0
    session.console.table(rows, COLUMNS)
    session.console.say(counted(len(rows), "dead letter"))
    _warn_of_hidden(session.console, hidden)
    return 0


@app.command()
def show(
    context: Context,
    wanted_id: Annotated[str, Argument(metavar="ID", help="Submission id or message id, or how it begins.")],
    as_json: Json = False,
) -> int:
    """Print one in full, with personal data. It is JSON in any case."""
    session = session_of(context)
    with _dead_letters(session.connect(), session.console) as messages:
        letters = [Letter.of(message) for message in messages]
        wanted_id = completed(
            wanted_id, lambda: (each for letter in letters for each in letter.ids), "dead-letters list"
        )
        found = [letter for letter in letters if wanted_id in letter.ids]
        hidden = messages.depth.hidden
    for letter in found:
        session.console.json({**letter.row, **letter.answer, "body": _body(letter)})
    if not found:
        session.console.warn(f"no dead letter has the id {wanted_id}")
        _warn_of_hidden(session.console, hidden)
    return 0 if found else 1


@app.command()
def replay(
    context: Context,
    form: FormId = None,
    destination: DestinationName = None,
    reason: Reason = None,
    submission: SubmissionId = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Only print which.")] = False,
    rate: Rate = DEFAULT_RATE,
    limit: Limit = None,
    wait: Annotated[
        bool, Option("--wait", help="Wait until it is known what became of each, five minutes at most.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Put them back into the retry queue. Exit code 1 where --wait finds one that is not delivered."""
    session = session_of(context)
    deployment = session.connect()
    results = Results(session.console, "would_replay" if dry_run else "replayed", as_json=as_json)
    wanted = Filter(form, destination, reason, submission)
    waiting = depth(deployment.sqs, deployment.settings.dead_letter_queue_url).visible
    # Hidden for as long as the replay may take, so that no letter comes back and is replayed twice.
    with _dead_letters(deployment, session.console, VISIBILITY_SECONDS + 2 * waiting / rate) as messages:
        hidden = messages.depth.hidden
        letters = _matching(wanted, messages, deployment, session.console)
        readable = [(letter, letter.message) for letter in letters if letter.message is not None][:limit]
        replayed, rows = [], []
        for letter, message in readable:
            rows.append(letter.row)
            if not dry_run:
                replayed.append(before_replay(letter, message, deployment))
                replay_message(message, deployment)
                messages.delete(letter.received)
                deployment.sleep(1 / rate)
            results.add(rows[-1], f"{'would replay' if dry_run else 'replayed'} {letter}")
    for letter in letters:
        if letter.message is None:
            text = f"cannot be replayed, its body is not a message: {letter.received.message_id}"
            results.refuse(letter.row, text)
    total = f"{counted(len(readable), 'dead letter')} {'would be replayed' if dry_run else 'replayed'}"
    if wait and not dry_run:
        found = outcomes(replayed, deployment, session.console)
        for each, row, outcome in zip(replayed, rows, found, strict=True):
            row["outcome"] = outcome.state
            results.end_one(row, f"{outcome}: {each.letter.delivery}", is_well=outcome.is_well)
        total = f"{total}: {counted_states(found)}" if found else total
    _warn_of_hidden(session.console, hidden)
    return results.end(total)


@app.command()
def drop(
    context: Context,
    form: FormId = None,
    destination: DestinationName = None,
    reason: Reason = None,
    submission: SubmissionId = None,
    yes: Annotated[bool, Option("--yes", help="Delete; without this only print which.")] = False,
    as_json: Json = False,
) -> int:
    """Delete them for good."""
    session = session_of(context)
    results = Results(session.console, "dropped" if yes else "would_drop", as_json=as_json)
    deployment, wanted = session.connect(), Filter(form, destination, reason, submission)
    with _dead_letters(deployment, session.console) as messages:
        hidden = messages.depth.hidden
        letters = _matching(wanted, messages, deployment, session.console)
        for letter in letters:
            if yes:
                _note_drop(letter, deployment)
                messages.delete(letter.received)
            results.add(letter.row, f"{'dropped' if yes else 'would drop'} {letter}")
    results.end(f"{counted(len(letters), 'dead letter')} {'dropped' if yes else 'would be dropped'}")
    if letters and not yes:
        session.console.warn("preview only: repeat with --yes to drop")
    _warn_of_hidden(session.console, hidden)
    return 0


def _note_drop(letter: Letter, deployment: Deployment) -> None:
    """Leave a note for who asks later what became of the sign-up."""
    if letter.message is None:
        return
    submission = letter.message.submission
    note = retries.Retry(
        submission_id=submission.id,
        form=submission.form,
        destination=letter.destination,
        state=retries.DROPPED,
        reason=f"was a dead letter: {letter.reason}",
        attempts=letter.attempts,
        cause=letter.received.attributes.get("cause"),
        first_failed_at=letter.message.first_failed_at,
        tried_at=int(deployment.wall_clock() * 1000),
        received_at=submission.received_at,
        people=frozenset(deployment.hasher.of_contact(submission.contact)),
    )
    retries.note(deployment.table, note)


@contextmanager
def _dead_letters(
    deployment: Deployment, console: Console, visibility_seconds: float = VISIBILITY_SECONDS
) -> Generator[VisibleMessages]:
    """Hold all dead letters that can be seen, until the block ends."""
    url = deployment.settings.dead_letter_queue_url
    with ExitStack() as stack:
        with console.progress("Reading the dead letters") as advance:
            messages = stack.enter_context(VisibleMessages(deployment, url, visibility_seconds, advance))
        yield messages


def _matching(wanted: Filter, messages: VisibleMessages, deployment: Deployment, console: Console) -> list[Letter]:
    """Return the letters that a command is about; warns of a filter that names what does not exist."""
    letters = list(map(Letter.of, messages))
    warn_of_unknown(
        console,
        deployment,
        form=wanted.form,
        destination=wanted.destination,
        seen=((each.form, each.destination) for each in letters),
    )
    reasons = sorted({each.reason for each in letters})
    if wanted.reason is not None and reasons and wanted.reason not in reasons:
        console.warn(f"no dead letter has the reason {wanted.reason}; they have {', '.join(reasons)}")
    return [letter for letter in letters if wanted.matches(letter)]


def _body(letter: Letter) -> Any:
    try:
        return json.loads(letter.received.body)
    except ValueError:
        return letter.received.body


def _warn_of_hidden(console: Console, number: int) -> None:
    if number:
        console.warn(f"about {counted(number, 'more message')} could not be read: delayed, or being read by another")
