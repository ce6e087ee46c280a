"""Judges what became of a sign-up at each destination, by what was found of it and what is deployed now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cli.deployment import Deployment
from cli.destinations import NO_DESTINATION, has_destination
from cli.gates import GatesNow, gates_now
from cli.trace.evidence import Evidence
from cli.trace.rules import verdict_of
from cli.trace.verdict import UNENDED, Verdict
from shared.forms import Form, FormBroken, FormNotFound


def judged(found: Evidence, deployment: Deployment) -> list[Verdict]:
    """Return a verdict for each destination, by what the form files and the ledger's gates say now.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    if found.suspect:
        return []
    judgements = verdicts(found, _form(found, deployment), gates_now(deployment))
    return [_with_destination(verdict, found, deployment) for verdict in judgements]


def _with_destination(verdict: Verdict, found: Evidence, deployment: Deployment) -> Verdict:
    """Say of what waits that its destination is gone: that is why it waits, whatever the last try met."""
    if verdict.state != "waiting" or not found.form:
        return verdict
    is_there = has_destination(deployment.forms, found.form, verdict.destination)
    return verdict if is_there else replace(verdict, reason=f"{verdict.reason}; {NO_DESTINATION}")


def _form(found: Evidence, deployment: Deployment) -> Form | None:
    try:
        return deployment.forms.get(found.form) if found.form else None
    except (FormNotFound, FormBroken):
        return None


def verdicts(found: Evidence, form: Form | None, gates: GatesNow) -> Iterator[Verdict]:
    """Return a verdict for each destination that the form has, or that something was found for.

    Args:
        found: what is known of the sign-up.
        form: its form, where that still loads.
        gates: which destinations take nothing now, and why.
    """
    named = [destination.name for destination in form.destinations] if form else []
    for name in dict.fromkeys([*named, *found.retries, *found.letters, *found.queued, *found.told, *_tried(found)]):
        yield _with_attempts(verdict_of(name, found, form, gates), found)


def _tried(found: Evidence) -> Iterator[str]:
    """Return where it was tried, as far as a person's item says: with nothing else known, its form is not known."""
    tried = (item for item in found.people if found.submission_id in item.get("failed_attempts", {}))
    return (str(item["destination"]) for item in tried if "destination" in item)


def _with_attempts(verdict: Verdict, found: Evidence) -> Verdict:
    """Add what the retry function has counted, where the verdict comes from elsewhere."""
    retry = found.retries.get(verdict.destination)
    if retry is None:
        return verdict
    failed = retry.attempts if verdict.failed_attempts is None else verdict.failed_attempts
    if verdict.state in UNENDED:
        return replace(verdict, failed_attempts=failed, last_error=verdict.last_error or retry.cause)
    replayed = "after a replay: it had become a dead letter" if retry.state == "dead-letter" else None
    reason = "; ".join(each for each in (verdict.reason, replayed) if each) or None
    return replace(verdict, failed_attempts=failed, reason=reason, error_before=retry.cause)
