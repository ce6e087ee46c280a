"""The rules of a verdict: the first that knows something of a delivery says what became of it."""

from __future__ import annotations

from dataclasses import replace

from cli.frame.console import counted, iso_time
from cli.gates import GatesNow
from cli.trace.evidence import Evidence
from cli.trace.stamps import id_of
from cli.trace.verdict import FIRST_WAIT, NOT_IN_SIGHT, Verdict
from shared.aws.dynamodb import Item
from shared.forms import Form
from shared.forms.destination import skip_reason
from shared.ledger import retries
from shared.ledger.answers import Told
from shared.ledger.leases import NEVER, REMEMBERED_SECONDS
from shared.submission import Stamp

AT_ONCE = "while the visitor waited"
GOT_LATER = "the form got this destination later"

ENDED = frozenset({"delivered", "skipped", "superseded"})
"""Kinds of outcome after which nothing is queued."""

NOTHING: Told = ("", None)


def verdict_of(name: str, found: Evidence, form: Form | None, gates: GatesNow) -> Verdict:
    """Return what became of the delivery to a destination.

    Args:
        name: the destination's.
        found: what is known of the sign-up.
        form: its form, where that still loads.
        gates: which destinations take nothing now, and why.
    """
    return (
        _delivered(name, found)
        or _in_a_queue(name, found, gates)
        or _noted(name, found, gates)
        or _being_delivered(name, found, gates.now)
        or _ended_at_once(name, found)
        or _skipped(name, found, form)
        or _tried_once(name, found)
        or _overtaken(name, found)
        or _deduced(name, found, form, gates)
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
    if found.told.get(delivered.destination, NOTHING)[0] == "delivered" and found.received_at:
        return replace(delivered, at=iso_time(found.received_at / 1000), reason=AT_ONCE)
    # Whatever touched the item last renewed its expiration.
    touched_at = int(item.get("expiration", NEVER)) - REMEMBERED_SECONDS
    known = touched_at < NEVER - REMEMBERED_SECONDS
    return replace(delivered, at_latest=iso_time(touched_at)) if known else delivered


def _in_a_queue(name: str, found: Evidence, gates: GatesNow) -> Verdict | None:
    letter = found.letters.get(name)
    if letter:
        row = letter.row
        verdict = Verdict(name, "dead-letter", row["reason"], row["attempts"], row["dead_since"])
        return replace(verdict, last_error=row["cause"])
    return Verdict(name, "waiting", "due", next_try=gates.next_try(name, 0)) if name in found.queued else None


def _noted(name: str, found: Evidence, gates: GatesNow) -> Verdict | None:
    retry = found.retries.get(name)
    if retry is None:
        return None
    verdict = Verdict(name, retry.state, retry.reason, retry.attempts, iso_time(retry.tried_at / 1000))
    if retry.state == retries.WAITING:
        return replace(verdict, next_try=gates.next_try(name, retry.again_at))
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


def _ended_at_once(name: str, found: Evidence) -> Verdict | None:
    """Return how it ended before its visitor was answered, or that it was none of the form's deliveries."""
    if found.told and name not in found.told:
        return Verdict(name, "not-sent", GOT_LATER)
    kind, reason = found.told.get(name, NOTHING)
    if kind not in ENDED:
        return None
    at = iso_time(found.received_at / 1000) if found.received_at else None
    return Verdict(name, kind, reason or AT_ONCE, at=at)


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


def _deduced(name: str, found: Evidence, form: Form | None, gates: GatesNow) -> Verdict:
    closed = gates.closed_because(name)
    hidden = f"{counted(found.hidden[0], 'message')} of the retry queue cannot be looked at"
    if found.hidden[0] and (closed or name in found.told):
        return Verdict(name, "waiting", f"{closed or NOT_IN_SIGHT}; {hidden}")
    if name in found.told:
        return Verdict(name, "unknown", "in no queue: delivered, superseded, dropped or erased since")
    waits = f"still waiting, since {hidden}, " if found.hidden[0] else ""
    skipped = "skipped by its `when`" if _has_condition(name, form) else "skipped"
    ends = f"delivered, {skipped}, superseded, dropped, erased, {waits}or not sent, since {GOT_LATER}"
    return Verdict(name, "unknown", f"no record of it: {ends}")


def _has_condition(name: str, form: Form | None) -> bool:
    return any(each.name == name and each.when for each in (form.destinations if form else ()))
