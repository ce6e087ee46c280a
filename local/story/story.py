"""Collects the story from log lines, from the gateway's answers and from the buttons of the page."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from local.story.entries import Answer, Note, SignUp, Step, VendorCall

KEPT_SIGN_UPS = 200
KEPT_NOTES = 200

_NOTES: Mapping[str, tuple[str, bool]] = {
    "circuit OPEN": ("Its circuit opened: the vendor is left alone for a while", False),
    "circuit CLOSED": ("Its circuit closed: deliveries go on", True),
    "destination asked for fewer calls; paused": ("The vendor asked for fewer calls: paused", False),
    "credentials do not work; the destination's messages are held until its secret is right": (
        "The key does not work: deliveries are held",
        False,
    ),
    "credentials work again": ("The key works again: held deliveries go on", True),
}
"""What a line about a destination says → its note, and whether it is good news."""

Line = Mapping[str, Any]
"""One line of the log, parsed."""


class Story:
    """The latest sign-ups and notes. Safe to use from several threads."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = threading.Lock()
        self._sign_ups: OrderedDict[str, SignUp] = OrderedDict()
        self._notes: deque[Note] = deque(maxlen=KEPT_NOTES)

    def take(self, line: bytes, started_at: float) -> None:
        """Take a line that a function printed during an invocation; all but the relay's own lines are ignored."""
        if b'"message":' not in line:
            return  # a metric, or a traceback
        try:
            entry = json.loads(line)
            with self._lock:
                self._take(entry, datetime.fromisoformat(entry["timestamp"]).timestamp(), started_at)
        except (ValueError, KeyError, TypeError):
            return  # no line of the relay's logger

    def answered(self, path: str, status: int, body: bytes, received_at: float) -> None:
        """Take an answer of the API; one in JSON names its submission."""
        if not re.fullmatch(r"/forms/[^/]+", path) or status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
            return
        try:
            submission_id = json.loads(body)["submissionId"]
        except (ValueError, KeyError, TypeError):
            return
        now = time.time()
        with self._lock:
            self._sign_up(submission_id, received_at).answers.append(Answer(now, status, now - received_at))

    def note(self, text: str, about: str = "", *, good: bool | None = None) -> None:
        """Take a note of what a person did."""
        with self._lock:
            self._notes.append(Note(time.time(), text, about, good))

    def replayed(self, submission_id: str, destination: str, at: float) -> None:
        """Take it that a person sent a dead letter again; what became of it may have been told already."""
        with self._lock:
            if submission_id in self._sign_ups:
                steps = self._sign_ups[submission_id].deliveries.setdefault(destination, [])
                steps.append(Step(at, "replayed"))
                steps.sort(key=lambda step: step.at)

    def latest(self, number: int) -> list[SignUp | Note]:
        """Return the latest entries, newest first."""
        with self._lock:
            everything: list[SignUp | Note] = [*self._sign_ups.values(), *self._notes]
            return copy.deepcopy(sorted(everything, key=_time_of, reverse=True)[:number])

    def parked(self) -> list[tuple[str, str]]:
        """Return submission and destination of each delivery that waits for a person."""
        with self._lock:
            return [
                (sign_up.id, destination)
                for sign_up in self._sign_ups.values()
                for destination in sign_up.deliveries
                if sign_up.state_of(destination) == "parked"
            ]

    def _take(self, line: Line, at: float, started_at: float) -> None:
        match line["message"]:
            case "vendor call":
                self._vendor_call(line, at, started_at)
            case "delivery":
                self._step(
                    line, Step(at, line["outcome"], line.get("reason") or "", line.get("error") or ""), started_at
                )
            case "dead letter":
                self._step(line, Step(at, "parked", line["reason"], line.get("error") or ""), started_at)
            case "accepted" | "quarantined":
                self._ended(line, at, started_at)
            case "refused":
                self._refused(line, at)
            case "circuit" if line["before"] == "HALF_OPEN" and line["after"] == "OPEN":
                pass  # a probe in vain, every few seconds of an outage: no news
            case message:
                self._about_destination(line, f"{message} {line['after']}" if "after" in line else message, at)

    def _refused(self, line: Line, at: float) -> None:
        """Note a refusal; a page's script tries again several times, which is one note."""
        text, form = f"Refused: {line['reason']}", line["form"]
        if line["reason"] == "origin-not-allowed":
            text = f"{text}. {_allow(line.get('origin') or '', form)}"
        if self._notes and (self._notes[-1].text, self._notes[-1].about) == (text, form):
            self._notes.pop()
        self._notes.append(Note(at, text, form, good=False))

    def _about_destination(self, line: Line, message: str, at: float) -> None:
        if message in _NOTES:
            text, good = _NOTES[message]
            self._notes.append(Note(at, text, line["destination"], good))

    def _vendor_call(self, line: Line, at: float, started_at: float) -> None:
        if submission_id := line.get("correlation_id"):
            call = VendorCall(at, line["vendor"], line["operation"], line.get("status"), line["milliseconds"])
            self._sign_up(submission_id, started_at).calls.append(call)

    def _step(self, line: Line, step: Step, started_at: float) -> None:
        steps = self._sign_up(line["submission_id"], started_at).deliveries.setdefault(line["destination"], [])
        if step.outcome == "parked" and steps and steps[-1].outcome == "parked":
            return  # the attempt told it already
        steps.append(step)

    def _ended(self, line: Line, at: float, started_at: float) -> None:
        sign_up = self._sign_up(line["submission_id"], started_at)
        sign_up.form, sign_up.ended_at = line["form"], at
        sign_up.status = line.get("status", "quarantined")
        sign_up.reason = line.get("reason", "")

    def _sign_up(self, submission_id: str, received_at: float) -> SignUp:
        known = self._sign_ups.get(submission_id)
        if known is None:
            known = self._sign_ups[submission_id] = SignUp(submission_id, received_at)
            if len(self._sign_ups) > KEPT_SIGN_UPS:
                self._sign_ups.popitem(last=False)
        known.received_at = min(known.received_at, received_at)
        return known


def _allow(origin: str, form: str) -> str:
    if not origin.startswith("http"):
        return "The page was opened from a file: serve it, python3 -m http.server 8080"
    return f'To allow the page, add "{origin}" to allowed_origins in forms/{form}.toml'


def _time_of(entry: SignUp | Note) -> float:
    return entry.received_at if isinstance(entry, SignUp) else entry.at
