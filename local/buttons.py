"""What the buttons of the timeline do: break and mend vendors, send sign-ups, replay dead letters."""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.breakages import BREAKAGES
from local.connections import Connections
from local.form_files import FormFiles
from local.gateway.http_answer import Answer
from local.gateway.http_event import Request
from local.operator_command import run_relay
from local.story.story import Story
from local.twins.server import Twin
from shared.forms import Form
from shared.forms.examples import example_values

_NAMES = ("Ada", "Grace", "Katherine", "Mary", "Rosalind", "Dorothy", "Emmy", "Hedy", "Lise", "Joan")


@dataclass(frozen=True)
class Buttons:
    """Everything that a button can reach.

    Attributes:
        call_api: answers a request as the API does.
        operator_variables: what points the `relay` command at this stack.
    """

    url: str
    story: Story
    twins: Mapping[str, Twin]
    connections: Connections
    files: FormFiles
    call_api: Callable[[Request], Answer]
    operator_variables: Callable[[], Mapping[str, str]]
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def operate_twin(self, vendor: str, action: str) -> bool:
        """Do something to a vendor; return whether there is such an action."""
        twin = self.twins[vendor]
        match action:
            case "stop":
                twin.stop()
                self.story.note("You stopped it: an outage", twin.title, good=False)
            case "start":
                twin.stop()  # a second click must not bind the port twice
                twin.start()
                self.story.note("You started it again", twin.title, good=True)
            case "reset":
                twin.reset()
            case "wrong-key":
                twin.change_key()
                self.story.note("The vendor changed its key: the stored one is wrong", twin.title, good=False)
            case "right-key":
                self.connections.store_right(self.files.forms)
                self.story.note("You stored the right key", twin.title, good=True)
            case "mend":
                twin.faults.clear()
                self.story.note("You took the fault back", twin.title)
            case _ if action in BREAKAGES:
                twin.faults.script(BREAKAGES[action].fault)
                self.story.note(BREAKAGES[action].effect, twin.title, good=False)
            case _:
                return False
        return True

    def sign_up(self, form_id: str, *, is_double_click: bool) -> bool:
        """Send somebody's example sign-up in the background, once or twice; return whether there is such a form."""
        form = next((form for form in self.files.forms if form.id == form_id), None)
        if form is None:
            return False
        request = self._request(form)
        for _ in range(2 if is_double_click else 1):
            threading.Thread(target=self.call_api, args=(request,), daemon=True).start()
        return True

    def _request(self, form: Form) -> Request:
        number = next(self._numbers)
        fresh = {
            "email": f"visitor{number}.{os.getpid()}@example.com",
            "phone": f"+1 202 555 {number % 10_000:04}",
            "first_name": _NAMES[number % len(_NAMES)],
        }
        values = example_values(form, fresh)
        return Request(
            method="POST",
            target=f"/forms/{form.id}",
            headers=(("origin", self.url), ("content-type", "application/json"), ("accept", "application/json")),
            body=json.dumps(values).encode(),
            source_ip="127.0.0.1",
            received_at=datetime.now(UTC),
        )

    def replay(self, submission_id: str = "", destination: str = "") -> None:
        """Replay one dead letter, or all, by the operator's command, in the background."""
        chosen = ["--submission", submission_id, "--destination", destination] if submission_id else ["--rate", "100"]
        command = ["dead-letters", "replay", *chosen]
        threading.Thread(target=self._run, args=(command, submission_id, destination), daemon=True).start()

    def _run(self, command: list[str], submission_id: str, destination: str) -> None:
        parked, started_at = [(submission_id, destination)] if submission_id else self.story.parked(), time.time()
        self.story.note(f"You ran: relay {' '.join(command)}")
        is_done, said = run_relay(command, self.operator_variables())
        for each in parked if is_done else ():
            self.story.replayed(*each, started_at)
        self.story.note(f"relay: {said}", good=is_done)
