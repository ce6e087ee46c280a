"""The page that tells the story: what became of every sign-up, what is wrong just now, and buttons to break things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.connections import Connections
from local.gateway.http_answer import Answer
from local.pages.destinations import DestinationState
from local.pages.html import Markup, page, tag
from local.pages.next_tries import NextTries
from local.pages.parts import REFRESH, clock, live, post_button
from local.pages.sign_up_card import sign_up_card
from local.pages.vendor_card import vendor_card
from local.story.entries import Note, SignUp
from local.twins.server import Twin
from shared.forms import Form

SHOWN = 40
"""Entries."""


@dataclass(frozen=True)
class Situation:
    """All that the page shows."""

    entries: Sequence[SignUp | Note]
    """The latest first."""
    next_tries: NextTries
    forms: Sequence[Form]
    twins: Mapping[str, Twin]
    connections: Connections
    destinations: Sequence[DestinationState]
    depths: Mapping[str, int]


def timeline_page(now: Situation, chosen_form: str) -> Answer:
    """Return the page at `/timeline`; `chosen_form` is the one that is signed up for next."""
    intro = tag(
        "p",
        "Every sign-up on its way from the website to the vendors, told by the functions' own log lines. Break a "
        "vendor, sign up, mend it: nothing is lost, nothing is doubled. ",
        tag("noscript", tag("a", "Reload", href="/timeline"), " to see what is new."),
        class_="intro",
    )
    return page(
        "Timeline",
        intro,
        live("now", _overview(now)),
        tag("div", _controls(now, chosen_form), _what_happened(now), class_="columns"),
        REFRESH,
        path="/timeline",
    )


def _controls(now: Situation, chosen_form: str) -> Markup:
    broken = now.connections.broken_vendors()
    cards = (_vendor_card(now, vendor, twin, vendor in broken) for vendor, twin in now.twins.items())
    return tag(
        "div",
        _try_it(now.forms, chosen_form),
        tag("h2", "Vendors", id="vendors"),
        live("vendor-cards", *cards),
        class_="controls",
    )


def _vendor_card(now: Situation, vendor: str, twin: Twin, has_wrong_key: bool) -> Markup:
    states = [each for each in now.destinations if each.vendor == vendor]
    return vendor_card(vendor, twin, states, has_wrong_key=has_wrong_key)


def _what_happened(now: Situation) -> Markup:
    return tag("div", tag("h2", "What happened", id="story"), live("entries", *_entries(now)), class_="story")


def _overview(now: Situation) -> Markup:
    waiting, dead = now.depths.get("RetryQueue", 0), now.depths.get("DeadLetterQueue", 0)
    circuits = sum(each.circuit != "closed" for each in now.destinations)
    gates = sum(bool(each.gate) for each in now.destinations)
    replay = post_button("/timeline/replay", "Replay all", "replay-all", look="small") if dead else Markup("")
    tiles = (
        _tile("Retry queue", waiting, "waiting" if waiting else "empty", is_bad=False),
        _tile("Dead letters", dead, "to replay" if dead else "none", is_bad=bool(dead), button=replay),
        _tile("Circuits", circuits, "open" if circuits else "all closed", is_bad=bool(circuits)),
        _tile("Gates", gates, "held or paused" if gates else "all open", is_bad=bool(gates)),
    )
    return tag("dl", *tiles, class_="tiles")


def _tile(name: str, number: int, words: str, *, is_bad: bool, button: str = "") -> Markup:
    look = "tile bad" if is_bad else "tile busy" if number else "tile"
    value = tag("dd", tag("b", str(number)), " ", words, *([button] if button else []))
    return tag("div", tag("dt", name), value, class_=look)


def _try_it(forms: Sequence[Form], chosen: str) -> Markup:
    usable = [form for form in forms if not form.signature and not any(field.source for field in form.fields.values())]
    options = (tag("option", form.title, value=form.id, selected=form.id == chosen) for form in usable)
    choice = tag("label", "Form ", tag("select", *options, name="form"))
    once = tag("button", "Sign up", name="times", value="1", id="try-once")
    twice = tag("button", "Double click", name="times", value="2", id="try-twice", class_="second")
    buttons = tag("div", once, twice, class_="buttons")
    form = tag("form", choice, buttons, method="post", action="/timeline/sign-up")
    return tag("section", tag("h2", "Try it", id="try"), form, aria_labelledby="try")


def _entries(now: Situation) -> list[Markup]:
    if not now.entries:
        return [tag("p", "Nothing yet. Sign up above, or fill in a ", tag("a", "form", href="/"), ".")]
    forms = {form.id: form for form in now.forms}
    return [
        _note(entry, forms) if isinstance(entry, Note) else sign_up_card(entry, forms, now.next_tries)
        for entry in now.entries
    ]


def _note(note: Note, forms: Mapping[str, Form]) -> Markup:
    look = {True: "note good", False: "note bad", None: "note"}[note.good]
    about = forms[note.about].title if note.about in forms else note.about
    subject = [tag("b", about), " "] if about else []
    return tag("p", clock(note.at), " ", *subject, note.text, class_=look)
