"""The page that shows what each twin holds, and how much waits in the queues."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from local.http_answer import Answer
from local.pages.html import Markup, page, tag
from local.twins.server import Event, JournalEntry, Twin

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_SHOWN = 10
_COUNTS = {
    "ApproximateNumberOfMessages": "ready",
    "ApproximateNumberOfMessagesNotVisible": "waiting or in flight",
    "ApproximateNumberOfMessagesDelayed": "delayed",
}


def queue_depths(sqs: SQSClient, references: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Count the messages of each queue of the template by their state."""
    queues = [name.partition(".")[0] for name in references if name.endswith(".QueueName")]
    return {name: _depth(sqs, references[name]) for name in queues}


def _depth(sqs: SQSClient, url: str) -> dict[str, int]:
    names: Any = list(_COUNTS)
    attributes: Any = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return {meaning: int(attributes[name]) for name, meaning in _COUNTS.items()}


def twins_page(twins: Mapping[str, Twin], depths: Mapping[str, Mapping[str, int]]) -> Answer:
    """Make the page at `/twins`."""
    intro = tag(
        "p",
        "A twin stands in for a vendor. Stop one, sign up, and see the delivery wait in the queue; start it "
        "again, and see it arrive once. ",
        tag("a", "Refresh", href="/twins"),
    )
    return page("Twins", intro, _queues(depths), *(_twin(vendor, twin) for vendor, twin in twins.items()))


def _queues(depths: Mapping[str, Mapping[str, int]]) -> Markup:
    states = list(_COUNTS.values())
    rows = [[name, *(str(depth[state]) for state in states)] for name, depth in depths.items()]
    return _table("Queues", ["queue", *states], rows)


def _twin(vendor: str, twin: Twin) -> Markup:
    stopped = twin.stopping.is_set()
    contacts, requests, events = twin.contacts(), list(twin.requests), list(twin.events)
    state = tag("strong", "stopped", class_="off") if stopped else tag("strong", "running")
    return tag(
        "section",
        tag("h2", vendor.capitalize(), id=vendor),
        tag("p", twin.summary),
        tag("p", f"{twin.url} is ", state, "."),
        _buttons(vendor, stopped),
        _contacts(contacts),
        _table(
            "Events that reached people",
            ["when", "event", "contact"],
            [_event(each) for each in events[: -_SHOWN - 1 : -1]],
        ),
        _table(
            "Last requests",
            ["no.", "when", "request", "answer", "changed something"],
            [_request(each) for each in requests[: -_SHOWN - 1 : -1]],
        ),
        aria_labelledby=vendor,
    )


def _buttons(vendor: str, stopped: bool) -> Markup:
    toggle = ("start", "Start it again") if stopped else ("stop", "Stop it: an outage")
    forms = (
        tag("form", tag("button", text), method="post", action=f"/twins/{vendor}/{action}")
        for action, text in (toggle, ("reset", "Forget everything"))
    )
    return tag("div", *forms, class_="buttons")


def _contacts(contacts: Sequence[Mapping[str, Any]]) -> Markup:
    rows = [[str(len(contacts) - number), _contact(contact)] for number, contact in enumerate(reversed(contacts))]
    return _table(f"Contacts: {len(contacts)}", ["no.", "as the vendor holds it, empty values left out"], rows[:_SHOWN])


def _contact(contact: Mapping[str, Any]) -> Markup:
    values = {name: value for name, value in contact.items() if value not in (None, "", [], {})}
    return tag("pre", "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()))


def _event(event: Event) -> list[str]:
    return [_clock(event.time), event.name, str(event.contact)]


def _request(entry: JournalEntry) -> list[str]:
    answer = str(entry.status or "none") + (f" ({entry.fault})" if entry.fault else "")
    request = f"{entry.method} {entry.path}"
    return [str(entry.number), _clock(entry.time), request, answer, "yes" if entry.committed else "no"]


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def _table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    if not rows:
        return tag("p", f"{caption.partition(':')[0]}: none yet.")
    head = tag("tr", *(tag("th", heading, scope="col") for heading in headings))
    body = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    table = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_label=caption)
