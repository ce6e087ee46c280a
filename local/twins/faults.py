"""Scripted and random faults: what goes wrong between caller and vendor, and whether the write was kept."""

import json
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from email.utils import formatdate
from typing import Any, Literal, get_args

from local.twins.messages import Answer, Record, Request, html_answer, redirect_answer

Kind = Literal[
    "status",  # answer with `status`, `headers` and `body`; nothing is committed
    "status_after",  # commit, then answer with `status`, as a gateway that lost patience does
    "html",  # a page with `status` (default 403), as a firewall sends it; nothing is committed
    "redirect",  # 302 to a page that answers 200; nothing is committed
    "latency",  # `seconds` of delay, then as usual
    "hang",  # `seconds` of silence; `commit` says whether the write happens before or after it, or never
    "trickle",  # commit, then one byte of the answer each `seconds`
    "drop_before",  # close the connection; nothing is committed
    "drop_after",  # commit, then close the connection without an answer
    "late_commit",  # close the connection without an answer; nothing is committed before `Twin.work_off()`
    "close_mid_body",  # commit, then close the connection in the middle of the answer
    "oversize",  # commit, then an answer of `size` bytes
]
HTML_PAGE = "/_twin/page"


@dataclass(frozen=True)
class Fault:
    """One fault, for the next `count` requests (None: for ever) whose `method` and `path` match."""

    fault: Kind
    method: str = ""
    path: str = ""
    """Regular expressions, found anywhere; empty ones match all."""
    count: int | None = 1
    skip: int = 0
    """Matching requests to leave alone first."""
    status: int | None = None
    body: Any = ""
    """Text, or anything else to be sent as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    """Send `Retry-After` as this many seconds."""
    retry_after_date: int | None = None
    """Send `Retry-After` as the date that is this many seconds away."""
    seconds: float = 1.0
    commit: Literal["before", "after", "never"] = "before"
    size: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        """Raise ValueError where the fault cannot be meant."""
        if self.fault not in get_args(Kind):
            raise ValueError(f"unknown fault {self.fault}; there are {', '.join(get_args(Kind))}")
        if self.commit not in ("before", "after", "never"):
            raise ValueError("commit must be before, after or never")
        for pattern in (self.method, self.path):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern} is not a regular expression") from error

    @classmethod
    def from_record(cls, record: Record) -> "Fault":
        """Read a fault from JSON; raise ValueError for a name that no fault has."""
        known = {each.name for each in fields(cls)}
        if not record.keys() <= known:
            raise ValueError(f"unknown fault member {', '.join(sorted(record.keys() - known))}")
        return cls(**record)

    @property
    def commits(self) -> bool:
        """Whether the vendor still works on the request."""
        never = ("status", "html", "redirect", "drop_before", "late_commit")
        return self.fault not in never and not self.is_hang("never")

    @property
    def hangs_up(self) -> bool:
        """Whether the connection is closed without an answer."""
        return self.fault in ("drop_before", "drop_after", "late_commit") or self.is_hang("never")

    def is_hang(self, commit: str) -> bool:
        """Whether this is a silence with the write before it, after it, or never."""
        return self.fault == "hang" and self.commit == commit

    def matches(self, request: Request) -> bool:
        """Whether the fault is meant for this request."""
        return bool(re.search(self.method, request.method) and re.search(self.path, request.path))

    def instead(self) -> Answer:
        """Give the answer that takes the place of the vendor's own, if its work was done or not."""
        if self.fault == "redirect":
            return redirect_answer(HTML_PAGE)
        if self.fault == "html":
            return html_answer("Access denied", self.status or 403)
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        content_type = "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/json"
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-type"}
        given = [value for name, value in self.headers.items() if name.lower() == "content-type"]
        return Answer(self.status or 503, text.encode(), [content_type, *given][-1], {**headers, **self._hint()})

    def _hint(self) -> dict[str, str]:
        if self.retry_after is not None:
            return {"Retry-After": str(self.retry_after)}
        if self.retry_after_date is not None:
            return {"Retry-After": formatdate(time.time() + self.retry_after_date, usegmt=True)}
        return {}


class Faults:
    """The faults still to come: scripted ones first, in their order; else random ones, by their rates."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scripted: list[Fault] = []
        self._rates: dict[str, float] = {}
        self._random = random.Random(0)  # noqa: S311 - a repeatable sequence is the point
        self._by_name: dict[str, Fault] = {}

    def script(self, *faults: Fault) -> None:
        """Add faults to the script."""
        with self._lock:
            self._scripted += faults

    def randomise(self, rates: Mapping[str, float], seed: int = 0, members: Mapping[str, Record] | None = None) -> None:
        """Let each request meet a fault with a probability, in a sequence fixed by the seed.

        Keys of `rates` are kinds of fault or status codes ("503"); `members` holds more members of each.
        Raises ValueError for a key that is neither.
        """
        chosen = {name: _fault_named(name, (members or {}).get(name, {})) for name in rates}
        with self._lock:
            self._rates = dict(rates)
            self._by_name = chosen
            self._random = random.Random(seed)  # noqa: S311

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._scripted, self._rates, self._by_name = [], {}, {}

    def pending(self) -> Record:
        """Tell what is still scripted, and the random rates."""
        with self._lock:
            return {"scripted": [asdict(fault) for fault in self._scripted], "rates": dict(self._rates)}

    def draw(self, request: Request) -> Fault | None:
        """Take the fault that this request meets; it is used up once."""
        with self._lock:
            for place, fault in enumerate(self._scripted):
                if fault.matches(request):
                    self._scripted[place : place + 1] = _used(fault)
                    if not fault.skip:
                        return fault
            return self._by_chance(request)

    def _by_chance(self, request: Request) -> Fault | None:
        if not self._rates:
            return None
        point = self._random.random()
        for name, rate in self._rates.items():
            point -= rate
            if point < 0:
                fault = self._by_name[name]
                return fault if fault.matches(request) else None
        return None


def _used(fault: Fault) -> list[Fault]:
    if fault.skip:
        return [replace(fault, skip=fault.skip - 1)]
    if fault.count is None:
        return [fault]
    return [replace(fault, count=fault.count - 1)] if fault.count > 1 else []


def _fault_named(name: str, members: Record) -> Fault:
    known: Record = {"fault": "status", "status": int(name)} if name.isdigit() else {"fault": name}
    return Fault.from_record({**known, **members})
