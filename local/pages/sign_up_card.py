"""One sign-up of the timeline: received, screened, and what became of it at each destination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from local.pages.html import Markup, tag
from local.pages.next_tries import WAITING, NextTries
from local.pages.parts import clock
from local.pages.words import SUPERSEDED, in_words, seconds_in_words
from local.story.entries import SignUp, Step
from local.twins import vendor_title
from shared.forms import Form

GOOD = frozenset({"delivered"})
PARKED = "parked"
BAD = frozenset({PARKED, "quarantined"})
QUIET = frozenset({"skipped", "superseded"})


@dataclass(frozen=True)
class _Row:
    """A destination's part of the card."""

    destination: str
    vendor: str
    state: str
    steps: Sequence[Step]


def sign_up_card(sign_up: SignUp, forms: Mapping[str, Form], next_tries: NextTries) -> Markup:
    """Return the card of one sign-up."""
    form, heading = forms.get(sign_up.form), f"s-{sign_up.id}"
    title = form.title if form else sign_up.form or "A sign-up"
    return tag(
        "article",
        tag("header", tag("h3", title, id=heading), clock(sign_up.received_at), *_told(sign_up), _id(sign_up.id)),
        tag("ol", *_way(sign_up), class_="way"),
        tag("ul", *(_delivery(sign_up, row, next_tries) for row in _rows(sign_up, form)), class_="deliveries"),
        _calls(sign_up),
        class_="entry",
        aria_labelledby=heading,
    )


def pill(state: str) -> Markup:
    """Return a state as a coloured word."""
    kind = "on" if state in GOOD else "off" if state in BAD else "neutral" if state in QUIET else "wait"
    return tag("strong", state, class_=f"state {kind}")


def _id(submission_id: str) -> Markup:
    """Return the whole id, which one click selects: `relay trace` takes it."""
    return tag("code", submission_id, class_="id", title=f"submission {submission_id}")


def _told(sign_up: SignUp) -> list[Markup]:
    """Return what the visitor was told."""
    told = [
        tag("span", tag("b", str(answer.status)), f" after {seconds_in_words(answer.seconds)}", class_="told")
        for answer in sign_up.answers[:1]
    ]
    if len(sign_up.answers) > 1:
        told.append(tag("span", f"sent {len(sign_up.answers)} times, answered with one id", class_="told"))
    return told


def _way(sign_up: SignUp) -> list[Markup]:
    steps = [tag("li", tag("b", "received"), class_="done")]
    screened_at = sign_up.screened_at
    if sign_up.status == "quarantined":
        reason = tag("span", in_words(sign_up.reason))
        return [
            *steps,
            tag("li", tag("b", "quarantined"), " ", _since(sign_up, sign_up.ended_at), " ", reason, class_="bad"),
        ]
    if screened_at is not None:
        steps.append(tag("li", tag("b", "screened"), " ", _since(sign_up, screened_at), class_="done"))
    if sign_up.ended_at is not None:
        words = {"delivered": "delivered everywhere", "accepted": "accepted: the rest is queued"}[sign_up.status]
        steps.append(tag("li", tag("b", words), " ", _since(sign_up, sign_up.ended_at), class_="done"))
    return steps


def _since(sign_up: SignUp, at: float | None) -> Markup:
    seconds = max(0.0, (at or sign_up.received_at) - sign_up.received_at)
    return tag("time", f"+{seconds_in_words(seconds)}")


def _rows(sign_up: SignUp, form: Form | None) -> list[_Row]:
    """Return a row for each destination of the form; while that is not known, for each that something is known of."""
    if sign_up.status == "quarantined":
        return []
    vendors = {each.name: vendor_title(each.spec.vendor) for each in form.destinations} if form else {}
    names = [*vendors, *(name for name in sign_up.deliveries if name not in vendors)]
    return [
        _Row(name, vendors.get(name, ""), sign_up.state_of(name), sign_up.deliveries.get(name, [])) for name in names
    ]


def _delivery(sign_up: SignUp, row: _Row, next_tries: NextTries) -> Markup:
    vendor = tag("span", row.vendor, class_="quiet") if row.vendor else Markup("")
    name = tag("span", tag("b", row.destination), " ", vendor, class_="destination")
    steps = tag("ol", *_steps(sign_up, row.steps), *_next_try(sign_up.id, row, next_tries), class_="steps")
    button = [_replay(sign_up.id, row.destination)] if row.state == PARKED else []
    return tag("li", name, pill(row.state), steps, *button)


def _steps(sign_up: SignUp, steps: Sequence[Step]) -> list[Markup]:
    """Return the steps; the same one several times in a row is one. A delivery at once is only a time.

    The last error of a parked delivery is shown: a person has to mend it. Others are in the step's title.
    """
    if [step.outcome for step in steps] == ["delivered"]:
        return [tag("li", _since(sign_up, steps[0].at))]
    found = []
    for (outcome, reason), group in groupby(steps, key=lambda step: (step.outcome, step.reason)):
        same = list(group)
        times = f" {len(same)} times" if len(same) > 1 else ""
        words = in_words(reason) if reason else SUPERSEDED if outcome == "superseded" else ""
        why = f": {words}" if words else ""
        error = same[-1].error
        shown = (
            [tag("div", error, class_="quiet cause")] if error and same[-1] is steps[-1] and outcome == PARKED else []
        )
        found.append(tag("li", f"{outcome}{why}{times} ", _since(sign_up, same[-1].at), *shown, title=error or None))
    return found


def _next_try(submission_id: str, row: _Row, next_tries: NextTries) -> list[Markup]:
    """Return when a delivery that waits is tried next, where that is known."""
    at = next_tries.get((submission_id, row.destination)) if row.state in WAITING else None
    return [tag("li", "next try at ", clock(at), class_="next")] if at is not None else []


def _replay(submission_id: str, destination: str) -> Markup:
    return tag(
        "form",
        tag("input", type="hidden", name="submission", value=submission_id),
        tag("input", type="hidden", name="destination", value=destination),
        tag("button", "Replay", class_="small", id=f"replay-{submission_id}-{destination}"),
        method="post",
        action="/timeline/replay",
    )


def _calls(sign_up: SignUp) -> Markup:
    if not sign_up.calls:
        return Markup("")
    items = (
        tag(
            "li",
            tag("b", vendor_title(call.vendor)),
            f" {call.operation}: ",
            str(call.status) if call.status is not None else "no answer",
            f", {call.milliseconds} ms",
        )
        for call in sign_up.calls
    )
    count = f"{len(sign_up.calls)} vendor call{'s' if len(sign_up.calls) > 1 else ''}"
    return tag("details", tag("summary", count), tag("ol", *items, class_="calls"), id=f"calls-{sign_up.id}")
