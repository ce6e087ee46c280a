"""A vendor on the timeline: its state, its destinations' circuits and gates, and buttons that break and mend it."""

from __future__ import annotations

from collections.abc import Sequence

from local.breakages import BREAKAGES
from local.pages.destinations import DestinationState
from local.pages.html import Markup, tag
from local.pages.parts import post_button
from local.twins.server import Twin


def vendor_card(vendor: str, twin: Twin, destinations: Sequence[DestinationState], *, has_wrong_key: bool) -> Markup:
    """Return the card of one vendor."""
    return tag(
        "section",
        tag("div", tag("h3", twin.title, id=vendor), _state(twin, has_wrong_key), class_="title"),
        tag("ul", *map(_destination, destinations), class_="gates"),
        tag("div", *_switches(vendor, twin, has_wrong_key), class_="buttons"),
        _faults(vendor, twin),
        class_="vendor",
        aria_labelledby=vendor,
    )


def _state(twin: Twin, has_wrong_key: bool) -> Markup:
    if twin.stopping.is_set():
        return tag("strong", "stopped", class_="state off")
    if has_wrong_key:
        return tag("strong", "wrong key", class_="state off")
    if twin.faults.pending()["scripted"]:
        return tag("strong", "about to fail", class_="state wait")
    return tag("strong", "running", class_="state on")


def _destination(state: DestinationState) -> Markup:
    if state.is_clear:
        words = tag("span", "circuit closed, gate open", class_="quiet")
    else:
        parts = [f"circuit {state.circuit}"] if state.circuit != "closed" else []
        words = tag("strong", ", ".join([*parts, *([state.gate] if state.gate else [])]), class_="trouble")
    return tag("li", tag("code", state.name), " ", words)


def _switches(vendor: str, twin: Twin, has_wrong_key: bool) -> list[Markup]:
    outage = ("start", "Start it again", "") if twin.stopping.is_set() else ("stop", "Outage", "second")
    key = ("right-key", "Store the right key", "") if has_wrong_key else ("wrong-key", "Wrong key", "second")
    return [_twin_button(vendor, *outage), _twin_button(vendor, *key)]


def _faults(vendor: str, twin: Twin) -> Markup:
    buttons = [_twin_button(vendor, name, each.button, "second") for name, each in BREAKAGES.items()]
    is_pending = bool(twin.faults.pending()["scripted"])
    mend = [_twin_button(vendor, "mend", "Take it back", "")] if is_pending else []
    return tag(
        "details",
        tag("summary", "Faults of its next write"),
        tag("div", *buttons, *mend, class_="buttons"),
        id=f"{vendor}-faults",
        open=is_pending,
    )


def _twin_button(vendor: str, action: str, text: str, look: str) -> Markup:
    breakage = BREAKAGES.get(action)
    title = breakage.effect if breakage else None
    where = f"/twins/{vendor}/{action}?then=timeline"
    return post_button(where, text, f"{vendor}-{action}", look=f"{look} small".strip(), title=title)
