"""What became of a sign-up at one destination, judged by what was found of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cli.deployment import Deployment
from cli.frame.console import iso_time
from cli.gates import closed_because, read_gates
from cli.trace.evidence import Evidence
from cli.trace.stamps import id_of
from shared.aws.dynamodb import Item
from shared.forms import Form, FormBroken, FormNotFound
from shared.forms.destination import skip_reason
from shared.ledger import retries
from shared.ledger.leases import NEVER, REMEMBERED_SECONDS
from shared.submission import Stamp

COLUMNS = (
    "destination",
    "state",
    "failed_attempts",
    "at",
    "next_try",
    "reason",
    "last_error",
    "error_before",
)
FIRST_WAIT = "queued for its first retry"
"""Reason of a delivery that the submit function has tried and nobody since."""

UNENDED = frozenset({"waiting", "dead-letter", "unknown"})
"""States in which the last error still matters."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a delivery.

    Attributes:
        state: an outcome's kind, `waiting`, `dead-letter` or `unknown`.
        failed_attempts: how many; None where nobody counted.
        at: since when it is so, ISO 8601.
        last_error: why it is not delivered.
        error_before: the last error before it ended well.
    """

    destination: str
    state: str
    reason: str | None = None
    failed_attempts: int | None = None
    at: str | None = None
    next_try: str | None = None
    last_error: str | None = None
    error_before: str | None = None


def judged(found: Evidence, deployment: Deployment) -> list[Verdict]:
    """Return a verdict for each destination, by what the form files and the ledger's gates say now.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    if found.suspect:
        return []
    now = deployment.wall_clock()
    gates = {name: closed_because(gate, now) for name, gate in read_gates(deployment).items()}
    closed = {name: because for name, because in gates.items() if because}
    return list(verdicts(found, _form(found, deployment), closed, now))


def _form(found: Evidence, deployment: Deployment) -> Form | None:
    try:
        return deployment.forms.get(found.form) if found.form else None
    except (FormNotFound, FormBroken):
        return None


def verdicts(found: Evidence, form: Form | None, closed: dict[str, str], now: float) -> Iterator[Verdict]:
    """Return a verdict for each destination that the form has, or that something was found for.

    Args:
        found: what is known of the sign-up.
        form: its form, where that still loads.
        closed: destinations that take nothing now, and why.
        now: seconds since the epoch.
    """
    named = [destination.name for destination in form.destinations] if form else []
    for name in dict.fromkeys([*named, *found.retries, *found.letters, *found.queued, *_tried(found)]):
        yield _with_attempts(_verdict(name, found, form, closed, now), found)


def _tried(found: Evidence) -> Iterator[str]:
    """Return where it was tried, as far as a person's item says: with nothing else known, its form is not known."""
    tried = (item for item in found.people if found.submission_id in item.get("failed_attempts", {}))
    return (str(item["destination"]) for item in tried if "destination" in item)


def _verdict(name: str, found: Evidence, form: Form | None, closed: dict[str, str], now: float) -> Verdict:
    return (
        _delivered(name, found)
        or _in_a_queue(name, found)
        or _noted(name, found)
        or _being_delivered(name, found, now)
        or _skipped(name, found, form)
        or _tried_once(name, found)
        or _overtaken(name, found)
        or _deduced(name, found, closed)
    )


def _delivered(name: str, found: Evidence) -> Verdict | None:
    for item in found.people:
        for key, stamp in item.get("forms", {}).items():
            if key.startswith(f"{name}#") and id_of(stamp) == found.submission_id:
                return _with_time(Verdict(name, "delivered"), item, found)
    return None


def _with_time(delivered: Verdict, item: Item, found: Evidence) -> Verdict:
    """Add when it was delivered, as far as the ledger tells."""
    retry = found.retries.get(delivered.destination)
    if retry is not None and retry.state == "delivered":
        return replace(delivered, at=iso_time(retry.tried_at / 1000))
    if found.answered_delivered and found.received_at:
        return replace(delivered, at=iso_time(found.received_at / 1000), reason="while the visitor waited")
    # Whatever touched the item last renewed its expiration.
    touched_at = int(item.get("expiration", NEVER)) - REMEMBERED_SECONDS
    known = touched_at < NEVER - REMEMBERED_SECONDS
    return replace(delivered, reason=f"{iso_time(touched_at)} at the latest") if known else delivered


def _in_a_queue(name: str, found: Evidence) -> Verdict | None:
    letter = found.letters.get(name)
    if letter:
        row = letter.row
        return Verdict(name, "dead-letter", row["reason"], row["attempts"], row["dead_since"], None, row["cause"])
    return Verdict(name, "waiting", "due", next_try="now") if name in found.queued else None


def _noted(name: str, found: Evidence) -> Verdict | None:
    retry = found.retries.get(name)
    if retry is None:
        return None
    verdict = Verdict(name, retry.state, retry.reason, retry.attempts, iso_time(retry.tried_at / 1000))
    if retry.state == retries.WAITING:
        return replace(verdict, next_try=iso_time(retry.again_at / 1000))
    if retry.state == "dead-letter" and not found.hidden[1]:
        return replace(
            verdict, state="unknown", reason=f"was a dead letter ({retry.reason}), replayed or dropped since"
        )
    return verdict


def _being_delivered(name: str, found: Evidence, now: float) -> Verdict | None:
    leased = (
        item.get("destination") == name
        and id_of(item.get("lease", {}).get("stamp", "")) == found.submission_id
        and item.get("lease_until", 0) / 1000 > now
        for item in found.people
    )
    return Verdict(name, "waiting", "being delivered just now") if any(leased) else None


def _skipped(name: str, found: Evidence, form: Form | None) -> Verdict | None:
    destination = next((each for each in form.destinations if each.name == name), None) if form else None
    if destination is None or found.submission is None:
        return None
    reason = skip_reason(destination, found.submission)
    return Verdict(name, "skipped", reason) if reason else None


def _tried_once(name: str, found: Evidence) -> Verdict | None:
    """The submit function counts what it failed to deliver, and the retry function has not looked at it yet."""
    for item in found.people:
        failed = item.get("failed_attempts", {}).get(found.submission_id)
        if failed and item.get("destination") == name:
            return Verdict(name, "waiting", FIRST_WAIT, int(failed["count"]), iso_time(failed["last_at"] / 1000))
    return None


def _overtaken(name: str, found: Evidence) -> Verdict | None:
    if any(_wrote_a_field(item, found.submission_id) and item.get("destination") == name for item in found.people):
        return Verdict(name, "delivered", "newer sign-ups of the person have been delivered since")
    if found.received_at is None:
        return None
    stamp, own = str(Stamp(found.received_at, found.submission_id)), f"{name}#{found.form}#"
    newest = [item.get("forms", {}).get(own, "") for item in found.people]
    if any(each > stamp for each in newest):
        return Verdict(name, "superseded", "or delivered: newer sign-ups of the person have been delivered since")
    return None


def _wrote_a_field(item: Item, submission_id: str) -> bool:
    return any(id_of(stamp) == submission_id for stamp in item.get("fields", {}).values())


def _deduced(name: str, found: Evidence, closed: dict[str, str]) -> Verdict:
    if found.answered_delivered:
        return Verdict(name, "delivered", "or skipped: the visitor's answer was `delivered`")
    if found.hidden[0]:
        why = closed.get(name, "or ended: its message is not in sight")
        return Verdict(name, "waiting", f"{why}; {found.hidden[0]} messages of the retry queue cannot be looked at")
    return Verdict(name, "unknown", "in no queue: delivered, skipped, superseded, dropped or erased")


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


def row_of(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict for a table or for JSON."""
    return {column: getattr(verdict, column) for column in COLUMNS}
