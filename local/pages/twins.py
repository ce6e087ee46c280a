"""The page that shows what each twin has received, and how many deliveries wait."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from local.connections import Connections
from local.gateway.http_answer import Answer
from local.pages.commands import button_commands, key_commands
from local.pages.html import Markup, page, tag
from local.pages.parts import REFRESH, clock, live, table
from local.queues.depth import depth
from local.twins.server import Event, JournalEntry, Twin

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_CONTACTS_SHOWN = 5
_LINES_SHOWN = 10


def queue_depths(sqs: SQSClient, references: Mapping[str, str]) -> dict[str, int]:
    """Count all messages of each queue of the template, visible or not."""
    queues = [name.partition(".")[0] for name in references if name.endswith(".QueueName")]
    return {name: depth(sqs, references[name]) for name in queues}


def twins_page(url: str, twins: Mapping[str, Twin], connections: Connections, depths: Mapping[str, int]) -> Answer:
    """Return the page at `/twins`."""
    intro = tag(
        "p",
        "A twin simulates a vendor. Stop one, sign up, and see the delivery wait in the queue; start it again, and "
        "see it arrive once. Other faults have buttons on the ",
        tag("a", "timeline", href="/timeline"),
        ". This page updates itself; without scripts, ",
        tag("a", "reload it", href="/twins"),
        ".",
        class_="intro",
    )
    links = (tag("li", tag("a", twin.title, href=f"#{vendor}")) for vendor, twin in twins.items())
    waiting = depths.get("RetryQueue", 0)
    sections = (_twin(url, vendor, twin, connections.names_of(vendor), waiting) for vendor, twin in twins.items())
    return page(
        "Twins", intro, tag("ul", *links, class_="overview"), _queues(depths), *sections, REFRESH, path="/twins"
    )


def _queues(depths: Mapping[str, int]) -> Markup:
    rows = [[_spaced(name), str(depth)] for name, depth in depths.items()]
    waiting = table("Waiting deliveries", "", ["queue", "waiting"], rows)
    return tag("section", tag("h2", "Queues", id="queues"), live("queue-depths", waiting), aria_labelledby="queues")


def _spaced(name: str) -> str:
    """Return `RetryQueue` as `Retry queue`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _twin(url: str, vendor: str, twin: Twin, connections: Sequence[str], waiting: int) -> Markup:
    stopped = twin.stopping.is_set()
    state = tag("strong", "stopped", class_="state off") if stopped else tag("strong", "running", class_="state on")
    note = f"{waiting} waiting in the retry queue" if stopped else ""
    commands = tag("details", tag("summary", "Every fault with curl"), tag("pre", button_commands(url, vendor)))
    return tag(
        "section",
        tag("div", tag("h2", twin.title, id=vendor), state, live(f"{vendor}-waiting", note), class_="title"),
        tag("p", f"{twin.summary}. At ", tag("code", twin.url), ".", class_="where"),
        _buttons(vendor, stopped),
        commands,
        live(f"{vendor}-key", _key(vendor, twin, connections)),
        live(f"{vendor}-contents", _contacts(twin.contacts()), _activity(vendor, twin)),
        aria_labelledby=vendor,
    )


def _key(vendor: str, twin: Twin, connections: Sequence[str]) -> Markup:
    """Return the key that the twin takes, as an operator stores it: made up, and of no use anywhere else."""
    commands = key_commands(twin, connections)
    return tag("details", tag("summary", "The key that it takes"), tag("pre", commands), id=f"{vendor}-takes")


def _buttons(vendor: str, stopped: bool) -> Markup:
    toggle = ("start", "Start it again") if stopped else ("stop", "Stop it: an outage")
    reset = tag(
        "details",
        tag("summary", "Forget everything", class_="button second"),
        _button(vendor, "reset", "Yes, delete all its contacts, events and requests"),
        class_="confirm",
    )
    return tag("div", _button(vendor, *toggle), reset, class_="buttons")


def _button(vendor: str, action: str, text: str) -> Markup:
    return tag("form", tag("button", text), method="post", action=f"/twins/{vendor}/{action}")


def _contacts(contacts: Sequence[Mapping[str, Any]]) -> Markup:
    latest = list(enumerate(contacts, start=1))[: -_CONTACTS_SHOWN - 1 : -1]
    rows = [[str(number), _contact(contact)] for number, contact in latest]
    headings = ["no.", "as stored by the vendor, without empty values"]
    return table("Contacts", _shown(_CONTACTS_SHOWN, len(contacts)), headings, rows)


def _contact(contact: Mapping[str, Any]) -> Markup:
    pairs = (
        tag("dt", name) + tag("dd", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in _without_empty(contact).items()
    )
    return tag("dl", Markup("".join(pairs)), class_="record")


def _without_empty(value: Any) -> Any:
    """Return the value without empty parts, at any depth."""
    if isinstance(value, Mapping):
        kept = {name: _without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value]
    return value


def _activity(vendor: str, twin: Twin) -> Markup:
    events, requests = list(twin.events), list(twin.requests)
    rows = [_event(each) for each in events[: -_LINES_SHOWN - 1 : -1]]
    journal = [_request(each) for each in requests[: -_LINES_SHOWN - 1 : -1]]
    headings = ["no.", "when", "request", "answer", "changed data"]
    requested = table("Requests", _shown(_LINES_SHOWN, len(requests)), headings, journal)
    return Markup(
        table("Events that reached people", _shown(_LINES_SHOWN, len(events)), ["when", "event", "contact"], rows)
        + tag("details", tag("summary", f"Requests: {len(requests)}"), requested, id=f"{vendor}-requests")
    )


def _shown(shown: int, count: int) -> str:
    return f"latest {shown} of {count}" if count > shown else str(count)


def _event(event: Event) -> list[str]:
    return [clock(event.time), event.name, str(event.contact)]


def _request(entry: JournalEntry) -> list[str]:
    answer = str(entry.status or "none") + (f" ({entry.fault})" if entry.fault else "")
    request = f"{entry.method} {entry.path}"
    return [str(entry.number), clock(entry.time), request, answer, "yes" if entry.committed else "no"]
